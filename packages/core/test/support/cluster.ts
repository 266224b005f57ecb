import type { Message, RaftOptions } from "@balsa/core";
import { Durable } from "./durable.js";
import { Member } from "./member.js";
import { SeededRandom } from "./random.js";

export type Fate = "deliver" | "drop" | "hold" | "duplicate";

export interface ClusterSetup {
  readonly ids?: readonly string[];
  readonly options?: Partial<RaftOptions>;
  readonly seed?: number;
  readonly checked?: boolean;
}

/** Cores wired together in memory, in virtual time: one seed is one history. */
export class Cluster {
  now = 0;
  readonly random: SeededRandom;
  readonly members = new Map<string, Member>();
  readonly down = new Map<string, Member>();
  readonly options: Partial<RaftOptions>;
  readonly held: Message[] = [];
  /** Where each member's chance comes from. */
  readonly randomOf = new Map<string, SeededRandom>();
  latencyMs: () => number = () => 1;
  /** How long one sync takes; `Infinity` for a disk that hangs. */
  diskMs: (id: string) => number = () => 0;
  fate: (message: Message) => Fate = () => "deliver";
  /** Called after every step. */
  afterStep: () => void = () => undefined;
  readonly #checked: boolean;
  readonly #diskDue = new Map<string, { at: number; position: number }>();
  #network: { at: number; message: Message }[] = [];

  constructor(setup: ClusterSetup = {}) {
    const ids = setup.ids ?? ["a", "b", "c"];
    this.options = setup.options ?? {};
    this.random = new SeededRandom(setup.seed ?? 1);
    this.#checked = setup.checked ?? true;
    for (const id of ids) this.add(id, ids);
  }

  /** Adds a member; without founders it waits for a leader to add it. */
  add(id: string, founders: readonly string[] | null = null): Member {
    const { options, now } = this;
    const member = new Member({ id, founders, options, now, random: this.#randomFor(id), checked: this.#checked });
    return this.#join(member);
  }

  member(id: string): Member {
    const found = this.members.get(id);
    if (found === undefined) throw new Error(`${id} is not up`);
    return found;
  }

  /** The leader of the latest term, or null. */
  get leader(): Member | null {
    let latest: Member | null = null;
    for (const member of this.members.values()) {
      if (member.raft.role === "leader" && member.raft.term > (latest?.raft.term ?? 0)) latest = member;
    }
    return latest;
  }

  mustLeader(): Member {
    if (this.leader === null) throw new Error("nobody leads");
    return this.leader;
  }

  /** Stops a member. What it had not synced is lost, but for the first `syncedBatches` persists under way. */
  crash(id: string, syncedBatches = 0): void {
    const member = this.member(id);
    for (const persist of member.unsynced.slice(0, syncedBatches)) member.durable.store(persist);
    this.members.delete(id);
    this.#diskDue.delete(id);
    this.down.set(id, member);
  }

  restart(id: string): Member {
    const member = this.down.get(id);
    if (member === undefined) throw new Error(`${id} is not down`);
    this.down.delete(id);
    const { options, now } = this;
    return this.#join(member.restarted({ options, now, random: this.#randomFor(id) }));
  }

  /** Replaces a member by one with an empty disk. */
  wipe(id: string): Member {
    this.crash(id);
    const old = this.down.get(id) as Member;
    this.down.delete(id);
    const { options, now } = this;
    const random = this.#randomFor(id);
    const blank = new Member({ id, durable: new Durable(), options, now, random, checked: old.checked });
    return this.#join(blank);
  }

  /** Only members of the same group reach each other. */
  partition(...groups: readonly (readonly string[])[]): void {
    this.fate = (message) =>
      groups.some((group) => group.includes(message.from) && group.includes(message.to)) ? "deliver" : "drop";
  }

  heal(): void {
    this.fate = () => "deliver";
  }

  /** Brings held messages back, in the order given. */
  release(messages: readonly Message[] = this.held.splice(0)): void {
    for (const message of messages) this.#network.push({ at: this.now + this.latencyMs(), message });
  }

  run(milliseconds: number): void {
    const until = this.now + milliseconds;
    this.collect();
    while (this.#nextAt() <= until) this.step();
    this.now = until;
  }

  /** Runs until `holds`, and throws when that takes more than `limitMs`. */
  runUntil(holds: () => boolean, limitMs = 10_000): void {
    const until = this.now + limitMs;
    this.collect();
    while (!holds()) {
      if (this.#nextAt() > until) throw new Error(`it did not come to pass within ${limitMs} ms: ${holds.toString()}`);
      this.step();
    }
  }

  electLeader(): Member {
    this.runUntil(() => {
      const leader = this.leader;
      return leader !== null && leader.raft.commitIndex >= (leader.raft.save().leadership?.termStartIndex ?? Infinity);
    });
    return this.mustLeader();
  }

  /** Runs until every member that is up has applied the leader's whole log. */
  settle(limitMs = 10_000): void {
    this.runUntil(() => {
      const leader = this.leader;
      if (leader === null) return false;
      const last = leader.raft.lastLogIndex;
      return [...this.members.values()].every(({ appliedIndex, raft }) => appliedIndex === last && raft.term >= 1);
    }, limitMs);
  }

  /** One event: a message arrives, a disk is done or a deadline comes. */
  step(): void {
    const at = this.#nextAt();
    if (at === Infinity) throw new Error("nothing will ever happen");
    this.now = Math.max(this.now, at);
    this.#stepNow(at);
    this.collect();
    this.afterStep();
  }

  /** Puts what the members have to say into the network, and their syncs on the agenda. */
  collect(): void {
    for (const [id, member] of this.members) {
      member.now = this.now;
      for (const message of member.take()) this.#dispatch(message);
      const oldest = member.unsynced[0];
      if (oldest === undefined || this.#diskDue.has(id)) continue;
      const newest = member.unsynced[member.unsynced.length - 1] ?? oldest;
      this.#diskDue.set(id, { at: this.now + this.diskMs(id), position: newest.position });
    }
  }

  #dispatch(message: Message): void {
    const fate = this.fate(message);
    if (fate === "hold") this.held.push(message);
    else if (fate !== "drop") this.#network.push({ at: this.now + this.latencyMs(), message });
    if (fate === "duplicate") this.#network.push({ at: this.now + this.latencyMs(), message });
  }

  #stepNow(at: number): void {
    const arrived = this.#network.findIndex((item) => item.at <= at);
    if (arrived >= 0) {
      const message = this.#network.splice(arrived, 1)[0]?.message as Message;
      this.members.get(message.to)?.deliver(message);
      return;
    }
    for (const [id, due] of this.#diskDue) {
      if (due.at > at) continue;
      this.#diskDue.delete(id);
      this.members.get(id)?.sync(due.position);
      return;
    }
    for (const member of this.members.values()) {
      if (member.raft.deadline > at) continue;
      member.raft.wake(this.now);
      member.pump();
      return;
    }
  }

  #nextAt(): number {
    let at = Infinity;
    for (const item of this.#network) at = Math.min(at, item.at);
    for (const due of this.#diskDue.values()) at = Math.min(at, due.at);
    for (const member of this.members.values()) at = Math.min(at, member.raft.deadline);
    return at;
  }

  #join(member: Member): Member {
    member.holdDisk = true;
    this.members.set(member.id, member);
    return member;
  }

  #randomFor(id: string): () => number {
    const random = new SeededRandom(Math.floor(this.random.next() * 2 ** 32));
    this.randomOf.set(id, random);
    return random.next;
  }
}

export function cluster(setup: ClusterSetup = {}): Cluster {
  return new Cluster(setup);
}
