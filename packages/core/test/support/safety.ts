import { text } from "./bytes.js";
import type { Cluster } from "./cluster.js";
import type { Member } from "./member.js";

interface Committed {
  readonly term: number;
  readonly content: string;
  /** The term of the first member seen to have it committed: every later leader must hold it. */
  readonly knownIn: number;
}

/**
 * The properties of the paper's figure 3, over the whole history of a cluster and not only over what is in memory now.
 * `check` looks at what has happened since it was last called.
 */
export class Safety {
  readonly #cluster: Cluster;
  readonly #leaders = new Map<number, string>();
  readonly #committed: (Committed | undefined)[] = [];
  /** What every entry is, and the term of the one before it, by index and term. */
  readonly #entries = new Map<string, string>();
  readonly #seen = new WeakMap<Member, { commitIndex: number; applied: number; reads: number; leadingIn: number }>();
  readonly #readFloors = new Map<number, number>();
  readsConfirmed = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get committedIndex(): number {
    return Math.max(0, this.#committed.length - 1);
  }

  get terms(): number {
    return this.#leaders.size;
  }

  /** Asks `member` to read: its index may not lie below what anyone knows as committed now. */
  read(member: Member, context: number, consistency: "linearizable" | "lease"): void {
    this.check();
    this.#readFloors.set(context, this.committedIndex);
    member.read(context, consistency);
  }

  check(): void {
    for (const member of this.#cluster.members.values()) this.#checkMember(member);
  }

  /** Log matching: costs a walk through all logs. */
  checkLogs(): void {
    for (const { raft } of this.#cluster.members.values()) {
      for (let index = raft.baseIndex + 1; index <= raft.lastLogIndex; index += 1) {
        const entry = raft.entryAt(index);
        if (entry === null) throw new Error(`${raft.id} has a gap at ${index}`);
        const content = `${entry.kind} ${text(entry.data)} ${JSON.stringify(entry.configuration)} after ${raft.termAt(index - 1)}`;
        const key = `${index}@${entry.term}`;
        const known = this.#entries.get(key);
        if (known === undefined) this.#entries.set(key, content);
        else if (known !== content) throw new Error(`log matching: ${key} is ${known} and, on ${raft.id}, ${content}`);
      }
    }
  }

  #checkMember(member: Member): void {
    const { raft } = member;
    const seen = this.#seen.get(member) ?? { commitIndex: 0, applied: 0, reads: 0, leadingIn: 0 };
    this.#seen.set(member, seen);
    if (raft.commitIndex < seen.commitIndex) throw new Error(`the commit index of ${raft.id} fell`);
    for (let index = Math.max(seen.commitIndex, raft.baseIndex) + 1; index <= raft.commitIndex; index += 1) {
      const entry = raft.entryAt(index);
      if (entry === null) throw new Error(`${raft.id} has no committed entry ${index}`);
      this.#commit(raft.id, index, entry.term, `${entry.kind} ${text(entry.data)}`, raft.term);
    }
    seen.commitIndex = raft.commitIndex;
    for (; seen.applied < member.appliedEntries.length; seen.applied += 1) {
      const entry = member.appliedEntries[seen.applied];
      if (entry === undefined) continue;
      this.#commit(raft.id, entry.index, entry.term, `${entry.kind} ${text(entry.data)}`, raft.term);
    }
    if (raft.role === "leader" && seen.leadingIn !== raft.term) {
      seen.leadingIn = raft.term;
      this.#elected(member);
    }
    for (; seen.reads < member.reads.length; seen.reads += 1) {
      const result = member.reads[seen.reads];
      if (result === undefined || result.index === null) continue;
      const floor = this.#readFloors.get(result.context) ?? 0;
      if (result.index < floor) throw new Error(`a read on ${raft.id} got ${result.index}, and ${floor} was committed`);
      this.readsConfirmed += 1;
    }
  }

  #elected({ raft }: Member): void {
    const other = this.#leaders.get(raft.term);
    if (other !== undefined && other !== raft.id)
      throw new Error(`${other} and ${raft.id} both lead term ${raft.term}`);
    this.#leaders.set(raft.term, raft.id);
    for (let index = raft.baseIndex; index < this.#committed.length; index += 1) {
      const committed = this.#committed[index];
      if (committed === undefined || committed.knownIn >= raft.term) continue;
      if (raft.termAt(index) !== committed.term) {
        throw new Error(`leader completeness: ${raft.id} leads term ${raft.term} without entry ${index}`);
      }
    }
  }

  #commit(id: string, index: number, term: number, content: string, knownIn: number): void {
    const known = this.#committed[index];
    if (known === undefined) this.#committed[index] = { term, content, knownIn };
    else if (known.term !== term || known.content !== content) {
      throw new Error(
        `state machine safety: entry ${index} is ${known.content}@${known.term}, on ${id} ${content}@${term}`,
      );
    }
  }
}
