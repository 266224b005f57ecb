import {
  InvariantError,
  Raft,
  type Effects,
  type Entry,
  type Message,
  type RaftOptions,
  type SnapshotMetadata,
} from "@balsa/core";
import { applyWrite, storeSnapshot } from "./diskWrite.js";
import { EMPTY_DISK, type HeldMessages, type Member } from "./member.js";
import { normalizePositions, normalizeTimes, RANDOM } from "./normalForm.js";

/** What a step of one member has come to. */
export interface MemberStep {
  /** Null when the member threw. */
  readonly member: Member | null;
  readonly sent: readonly Message[];
  /** A message that was refused, or what was thrown. */
  readonly failure: string | null;
}

export interface StepSettings {
  readonly options: RaftOptions;
  readonly disk: "lazy" | "instant";
}

/** One input may have effects whose completion has effects, and so on; they end, and soon. */
const MAX_ROUNDS_OF_EFFECTS = 1_000;
const SNAPSHOT_BYTES = new Uint8Array(1);

const random = (): number => RANDOM;

/** Runs the real core through one step of a member: an input, and all that comes of it at once. */
export class MemberRun {
  readonly #settings: StepSettings;
  readonly #now: number;
  readonly #raft: Raft;
  #disk: Member["disk"];
  #writes: Member["writes"];
  #held: readonly HeldMessages[];
  #durablePosition: number;
  readonly #sent: Message[] = [];
  #failure: string | null = null;

  private constructor(settings: StepSettings, now: number, raft: Raft, member: Omit<Member, "raft">, durable: number) {
    this.#settings = settings;
    this.#now = now;
    this.#raft = raft;
    this.#disk = member.disk;
    this.#writes = member.writes;
    this.#held = member.held;
    this.#durablePosition = durable;
  }

  /** A member goes on from where it is, at `now` by its own clock, which stood at 0. */
  static resume(settings: StepSettings, member: Member, now: number, input: (run: MemberRun) => void): MemberStep {
    return attempt(() => {
      const raft = Raft.load(member.raft, { options: settings.options, random });
      const durable = member.raft.persistence.durablePosition;
      return new MemberRun(settings, now, raft, member, durable).#finish(input);
    });
  }

  /** A member starts from nothing: with the others as a founder, or, where there are none, to be added to them. */
  static create(settings: StepSettings, id: string, founders: readonly string[] | null): MemberStep {
    return attempt(() => {
      const raft = Raft.create({ id, options: settings.options, random, now: 0 }, founders);
      return MemberRun.#begin(settings, raft, EMPTY_DISK);
    });
  }

  /** A member crashes and starts again. Of its writes under way the first `keptWrites` have become durable. */
  static restart(settings: StepSettings, member: Member, keptWrites: number): MemberStep {
    return attempt(() => {
      const disk = member.writes.slice(0, keptWrites).reduce(applyWrite, member.disk);
      const raft = Raft.restore({ id: member.raft.id, options: settings.options, random, now: 0 }, disk);
      return MemberRun.#begin(settings, raft, disk);
    });
  }

  static #begin(settings: StepSettings, raft: Raft, disk: Member["disk"]): MemberStep {
    return new MemberRun(settings, 0, raft, { disk, writes: [], held: [] }, 0).#finish(() => undefined);
  }

  receive(message: Message): void {
    const refusal = this.#raft.receive(this.#now, message);
    if (refusal !== null) this.#failure = `refused a message: ${refusal}`;
  }

  feed(input: (raft: Raft, now: number) => void): void {
    input(this.#raft, this.#now);
  }

  /** The oldest write becomes durable. */
  syncOldest(): void {
    const [write, ...later] = this.#writes;
    if (write === undefined) return;
    this.#disk = applyWrite(this.#disk, write);
    this.#writes = later;
    this.#persisted(write.position);
  }

  /** A snapshot of all that is applied is taken, and is durable at once. */
  compact(): void {
    const described = this.#raft.describeSnapshotAt(this.#raft.appliedIndex);
    const snapshot = { ...described, sizeBytes: SNAPSHOT_BYTES.length, checksum: described.index };
    this.#disk = storeSnapshot(this.#disk, snapshot);
    this.#raft.snapshotTaken(this.#now, snapshot);
  }

  #finish(input: (run: MemberRun) => void): MemberStep {
    input(this);
    let rounds = 0;
    for (let effects = this.#raft.takeEffects(); effects !== null; effects = this.#raft.takeEffects()) {
      this.#carryOut(effects);
      rounds += 1;
      if (rounds > MAX_ROUNDS_OF_EFFECTS) throw new InvariantError("the effects of one input do not end");
    }
    const saved = this.#raft.save();
    normalizeTimes(saved, this.#settings.options);
    const waiting = normalizePositions(saved, this.#writes, this.#held);
    const member = { raft: saved, disk: this.#disk, ...waiting };
    return { member, sent: this.#sent, failure: this.#failure };
  }

  #carryOut(effects: Effects): void {
    this.#sent.push(...effects.send);
    if (effects.persist !== null) this.#writes = [...this.#writes, effects.persist];
    if (effects.sendAfterPersist.length > 0) {
      const messages = effects.sendAfterPersist;
      this.#held = [...this.#held, { position: effects.sendAfterPosition, messages }];
    }
    if (this.#settings.disk === "instant") while (this.#writes.length > 0) this.syncOldest();
    this.#release();
    if (effects.apply.length > 0) this.#raft.applied(this.#now, (effects.apply.at(-1) as Entry).index);
    for (const { to, snapshot, offset } of effects.snapshotReads) {
      this.#raft.snapshotChunkRead(this.#now, to, snapshot.index, offset, SNAPSHOT_BYTES);
    }
    for (const { snapshot, last } of effects.snapshotWrites) if (last) this.#install(snapshot);
  }

  #install(snapshot: SnapshotMetadata): void {
    if (this.#raft.snapshotInstalled(this.#now, snapshot)) this.#disk = { ...this.#disk, snapshot };
  }

  #persisted(position: number): void {
    this.#durablePosition = position;
    this.#raft.persisted(this.#now, position);
    this.#release();
  }

  /** What waited for what is durable now leaves. */
  #release(): void {
    const free = this.#held.filter(({ position }) => position <= this.#durablePosition);
    if (free.length === 0) return;
    for (const { messages } of free) this.#sent.push(...messages);
    this.#held = this.#held.filter(({ position }) => position > this.#durablePosition);
  }
}

/** A member that throws stops: that is a finding, and not the end of the search. */
function attempt(step: () => MemberStep): MemberStep {
  try {
    return step();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { member: null, sent: [], failure: `stopped: ${message}` };
  }
}
