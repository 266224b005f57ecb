import {
  Raft,
  type Effects,
  type Entry,
  type Message,
  type Persist,
  type RaftEvent,
  type RaftOptions,
  type ReadResult,
  type SnapshotMetadata,
  type SnapshotRead,
  type SnapshotWrite,
} from "@balsa/core";
import { bytes, text } from "./bytes.js";
import { checkState } from "./checkState.js";
import { Durable } from "./durable.js";
import { SeededRandom } from "./random.js";

/** Distributes over the union, so that each message keeps its own fields. */
type Addressed<M> = M extends Message ? Omit<M, "from" | "to" | "term"> & { term?: number } : never;

export interface MemberSetup {
  readonly id?: string;
  /** Null: a member that waits to be added. Default a, b and c. */
  readonly founders?: readonly string[] | null;
  readonly options?: Partial<RaftOptions>;
  readonly now?: number;
  readonly random?: () => number;
  readonly durable?: Durable;
  /** Snapshots on the disk, by `snapshotName`. */
  readonly files?: Map<string, Uint8Array>;
  /** Whether the whole state is checked after every input. Default true. */
  readonly checked?: boolean;
}

export function snapshotName({ index, checksum }: SnapshotMetadata): string {
  return `${index}-${checksum}`;
}

function checksumOf(data: Uint8Array): number {
  let sum = 7;
  for (const byte of data) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}

/**
 * One core driven by hand. By default its disk and its state machine are done at once; `holdDisk` and `holdApply` leave
 * that to the test. Everything it wanted is recorded.
 */
export class Member {
  raft: Raft;
  readonly durable: Durable;
  readonly files: Map<string, Uint8Array>;
  now: number;
  readonly checked: boolean;
  holdDisk = false;
  holdApply = false;
  holdSnapshotReads = false;
  holdSnapshotInstalls = false;
  /** Messages that have left and that nobody has taken yet. */
  outbox: Message[] = [];
  /** Persists under way, oldest first. */
  readonly unsynced: Persist[] = [];
  readonly waiting: { position: number; message: Message }[] = [];
  readonly events: RaftEvent[] = [];
  readonly reads: ReadResult[] = [];
  readonly persists: Persist[] = [];
  readonly effects: Effects[] = [];
  readonly snapshotReads: SnapshotRead[] = [];
  readonly snapshotWrites: SnapshotWrite[] = [];
  readonly completeSnapshots: SnapshotMetadata[] = [];
  /** The state machine: commands applied, as text, with no-ops and configurations left out. */
  commands: string[] = [];
  readonly appliedEntries: Entry[] = [];
  appliedIndex = 0;
  #incoming: Uint8Array[] = [];

  constructor(setup: MemberSetup = {}) {
    const { id = "a", founders = ["a", "b", "c"], options = {}, now = 0, durable } = setup;
    const raftSetup = { id, options, random: setup.random ?? new SeededRandom(1).next, now };
    this.now = now;
    this.checked = setup.checked ?? true;
    this.files = setup.files ?? new Map<string, Uint8Array>();
    this.durable = durable ?? new Durable();
    if (durable === undefined) {
      this.raft = Raft.create(raftSetup, founders);
    } else {
      this.raft = Raft.restore(raftSetup, durable.stored());
      this.#restoreMachine(durable.snapshot);
    }
    this.pump();
  }

  get id(): string {
    return this.raft.id;
  }

  /** Takes a message whose receiver is this member and whose term, unless given, is its present one. */
  receive(from: string, message: Addressed<Message>): string | null {
    const refused = this.raft.receive(this.now, { term: this.raft.term, ...message, from, to: this.id });
    this.pump();
    return refused;
  }

  deliver(message: Message): string | null {
    const refused = this.raft.receive(this.now, message);
    this.pump();
    return refused;
  }

  propose(...commands: string[]): ReturnType<Raft["propose"]> {
    const result = this.raft.propose(this.now, commands.map(bytes));
    this.pump();
    return result;
  }

  read(context: number, consistency?: "linearizable" | "lease"): void {
    this.raft.read(this.now, context, consistency);
    this.pump();
  }

  reconfigure(...changes: Parameters<Raft["reconfigure"]>[1]): ReturnType<Raft["reconfigure"]> {
    const result = this.raft.reconfigure(this.now, changes);
    this.pump();
    return result;
  }

  transfer(to: string): ReturnType<Raft["transferLeadership"]> {
    const result = this.raft.transferLeadership(this.now, to);
    this.pump();
    return result;
  }

  /** Lets time pass, waking the core whenever it asked for it. */
  elapse(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (let steps = 0; this.raft.deadline <= until; steps += 1) {
      if (steps > 10_000) throw new Error("the deadline does not move on");
      this.now = Math.max(this.now, this.raft.deadline);
      this.raft.wake(this.now);
      this.pump();
    }
    this.now = until;
  }

  /** Lets time pass up to the next deadline, which is met. */
  wakeAtDeadline(): void {
    this.elapse(Math.max(0, this.raft.deadline - this.now));
  }

  /** Takes and forgets the messages that have left. */
  take(): Message[] {
    const { outbox } = this;
    this.outbox = [];
    return outbox;
  }

  /** Takes messages of one type, and forgets the others. */
  takeOf<T extends Message["type"]>(type: T): Extract<Message, { type: T }>[] {
    return this.take().filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }

  eventsOf<T extends RaftEvent["type"]>(type: T): Extract<RaftEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RaftEvent, { type: T }> => event.type === type);
  }

  /** The disk completes the persists up to `position`; by default all. */
  sync(position = this.unsynced[this.unsynced.length - 1]?.position ?? 0): void {
    while (this.unsynced.length > 0 && (this.unsynced[0] as Persist).position <= position) {
      this.durable.store(this.unsynced.shift() as Persist);
    }
    this.raft.persisted(this.now, position);
    const { waiting } = this;
    while (waiting.length > 0 && (waiting[0] as { position: number }).position <= position) {
      this.outbox.push((waiting.shift() as { message: Message }).message);
    }
    this.pump();
  }

  /** Reports all that was handed out as applied. */
  finishApply(): void {
    this.raft.applied(this.now, this.appliedIndex);
    this.pump();
  }

  /** Writes a snapshot of everything applied so far, and lets the core compact its log. */
  takeSnapshot(): SnapshotMetadata {
    const data = bytes(JSON.stringify(this.commands));
    const described = this.raft.describeSnapshotAt(this.appliedIndex);
    const snapshot = { ...described, sizeBytes: data.length, checksum: checksumOf(data) };
    this.files.set(snapshotName(snapshot), data);
    this.durable.takeSnapshot(snapshot);
    this.raft.snapshotTaken(this.now, snapshot);
    this.durable.compactThrough(this.raft.baseIndex, this.raft.baseTerm);
    this.pump();
    return snapshot;
  }

  /** Verifies and takes the snapshot that has come in whole. */
  install(snapshot: SnapshotMetadata): boolean {
    this.durable.takeSnapshot(snapshot);
    const holds = this.raft.snapshotInstalled(this.now, snapshot);
    if (holds) this.#restoreMachine(snapshot);
    this.pump();
    return holds;
  }

  /** The member as it is after a crash that lost whatever was not durable. */
  restarted(setup: Pick<MemberSetup, "now" | "options" | "random"> = {}): Member {
    const { id, durable, files, checked, now } = this;
    return new Member({ id, durable, files, checked, now, ...setup });
  }

  /** Takes effects and carries them out until there are none. */
  pump(): void {
    for (let effects = this.raft.takeEffects(); effects !== null; effects = this.raft.takeEffects()) {
      this.effects.push(effects);
      this.#carryOut(effects);
    }
    if (this.checked) checkState(this.raft.save());
  }

  #carryOut(effects: Effects): void {
    this.events.push(...effects.events);
    this.reads.push(...effects.reads);
    this.outbox.push(...effects.send);
    if (effects.persist !== null) {
      this.persists.push(effects.persist);
      this.unsynced.push(effects.persist);
    }
    for (const message of effects.sendAfterPersist) {
      const position = effects.sendAfterPosition;
      const durable = position < (this.unsynced[0]?.position ?? Infinity);
      if (durable) this.outbox.push(message);
      else this.waiting.push({ position, message });
    }
    for (const entry of effects.apply) this.#apply(entry);
    if (effects.apply.length > 0 && !this.holdApply) this.raft.applied(this.now, this.appliedIndex);
    for (const write of effects.snapshotWrites) this.#write(write);
    for (const read of effects.snapshotReads) {
      this.snapshotReads.push(read);
      if (!this.holdSnapshotReads) this.answerSnapshotRead(read);
    }
    if (effects.persist !== null && !this.holdDisk) this.sync();
  }

  answerSnapshotRead({ to, snapshot, offset, maxBytes }: SnapshotRead): void {
    const data = this.files.get(snapshotName(snapshot));
    if (data === undefined) this.raft.snapshotReadFailed(this.now, to, snapshot.index);
    else this.raft.snapshotChunkRead(this.now, to, snapshot.index, offset, data.slice(offset, offset + maxBytes));
  }

  #apply(entry: Entry): void {
    if (entry.index !== this.appliedIndex + 1) throw new Error(`${entry.index} is applied after ${this.appliedIndex}`);
    this.appliedIndex = entry.index;
    this.appliedEntries.push(entry);
    if (entry.kind === "command") this.commands.push(text(entry.data));
  }

  #write(write: SnapshotWrite): void {
    this.snapshotWrites.push(write);
    const { snapshot, offset, data, last } = write;
    if (offset === 0) this.#incoming = [];
    const received = this.#incoming.reduce((sum, chunk) => sum + chunk.length, 0);
    if (received !== offset) throw new Error(`a chunk at ${offset} follows ${received} bytes`);
    this.#incoming.push(data);
    if (!last) return;
    this.files.set(snapshotName(snapshot), new Uint8Array(this.#incoming.flatMap((chunk) => [...chunk])));
    this.completeSnapshots.push(snapshot);
    if (!this.holdSnapshotInstalls) this.install(snapshot);
  }

  #restoreMachine(snapshot: SnapshotMetadata | null): void {
    if (snapshot === null) return;
    const data = this.files.get(snapshotName(snapshot));
    if (data === undefined) throw new Error(`there is no file of the snapshot at ${snapshot.index}`);
    this.commands = data.length === 0 ? [] : (JSON.parse(text(data)) as string[]);
    this.appliedIndex = snapshot.index;
  }
}

export function member(setup: MemberSetup = {}): Member {
  return new Member(setup);
}
