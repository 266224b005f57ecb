import type { Effects, Entry, Message, NodeId, Raft } from "@balsa/core";
import type { CheckName } from "../invariants/checks.js";
import { hashEntry } from "../invariants/hash.js";

export interface RecordedViolation {
  readonly check: CheckName;
  readonly node: NodeId;
  readonly message: string;
}

/** What is remembered of the member that is being replayed. */
interface Look {
  readonly term: number;
  readonly isLeader: boolean;
  readonly commitIndex: number;
  readonly appliedThrough: number;
}

/** So many are kept: one that breaks a rule may well break it at every step. */
const MAX_VIOLATIONS = 100;

/**
 * The rules of the paper's figure 3, as far as recordings can show them: what one member does, and what several have done
 * at the same index and term, whose clocks say nothing of each other.
 */
export class RecordingChecks {
  readonly violations: RecordedViolation[] = [];
  readonly #leaders = new Map<number, NodeId>();
  /** By voter and term. */
  readonly #votes = new Map<string, NodeId>();
  /** By index and term. */
  readonly #entries = new Map<string, number>();
  readonly #committed = new Map<number, { readonly term: number; readonly hash: number; readonly by: NodeId }>();
  #last: Look | null = null;

  /** A replay begins, or goes on behind what is not in the recording. */
  begin(raft: Raft): void {
    this.#last = {
      term: raft.term,
      isLeader: raft.role === "leader",
      commitIndex: raft.commitIndex,
      appliedThrough: raft.appliedIndex,
    };
  }

  /** The member has wanted this done. */
  look(raft: Raft, effects: Effects): void {
    const last = this.#last!; // `begin` comes first
    this.#checkProgress(raft, effects, last);
    if (raft.role === "leader") this.#leads(raft.id, raft.term);
    for (const message of effects.send) this.#checkMessage(raft.id, message);
    for (const message of effects.sendAfterPersist) this.#checkMessage(raft.id, message);
    for (const entry of effects.persist?.entries ?? []) this.#checkEntry(raft.id, entry);
    const appliedThrough = this.#checkApplied(raft.id, effects.apply, last.appliedThrough, raft.appliedIndex);
    const { term, commitIndex } = raft;
    this.#last = { term, isLeader: raft.role === "leader", commitIndex, appliedThrough };
  }

  #checkProgress(raft: Raft, { persist }: Effects, last: Look): void {
    const { id, term, commitIndex } = raft;
    if (term < last.term) this.#violate("promisesKept", id, `its term fell from ${last.term} to ${term}`);
    if (commitIndex < last.commitIndex) {
      this.#violate("commitNeverFalls", id, `its commit index fell from ${last.commitIndex} to ${commitIndex}`);
    }
    const isLeader = raft.role === "leader";
    if (isLeader && commitIndex > last.commitIndex && raft.termAt(commitIndex) !== term) {
      this.#violate("commitOwnTermOnly", id, `leads term ${term} and committed ${commitIndex}, of another term`);
    }
    const cutFrom = persist?.truncateFrom ?? 0;
    if (cutFrom === 0) return;
    if (cutFrom <= last.commitIndex) {
      this.#violate("committedNeverLost", id, `cut off entry ${cutFrom}, which it had committed`);
    }
    if (isLeader && last.isLeader && last.term === term) {
      this.#violate("leaderAppendOnly", id, `cut its own log while it leads term ${term}`);
    }
  }

  #checkMessage(id: NodeId, message: Message): void {
    switch (message.type) {
      case "voteRequest":
        if (!message.preVote) this.#votesFor(id, message.term, id);
        return;
      case "voteResponse":
        if (!message.preVote && message.granted) this.#votesFor(id, message.term, message.to);
        return;
      case "appendRequest":
      case "heartbeatRequest":
      case "snapshotRequest":
      case "timeoutNow":
        return this.#leads(id, message.term);
      default:
    }
  }

  #votesFor(voter: NodeId, term: number, candidate: NodeId): void {
    const key = `${voter}/${term}`;
    const before = this.#votes.get(key) ?? candidate;
    this.#votes.set(key, before);
    if (before === candidate) return;
    this.#violate("voteOncePerTerm", voter, `voted for ${candidate} in term ${term}, and before for ${before}`);
  }

  #leads(id: NodeId, term: number): void {
    const before = this.#leaders.get(term) ?? id;
    this.#leaders.set(term, before);
    if (before !== id) this.#violate("electionSafety", id, `leads term ${term}, which ${before} has led`);
  }

  #checkEntry(id: NodeId, entry: Entry): void {
    const key = `${entry.index}/${entry.term}`;
    const hash = hashEntry(entry);
    const before = this.#entries.get(key) ?? hash;
    this.#entries.set(key, before);
    if (before === hash) return;
    this.#violate("indexNotReused", id, `entry ${entry.index} of term ${entry.term} has another content`);
  }

  #checkApplied(id: NodeId, entries: readonly Entry[], appliedThrough: number, appliedIndex: number): number {
    // A snapshot may have taken the place of entries in between.
    let through = Math.max(appliedThrough, entries.length === 0 ? 0 : Math.min(appliedIndex, entries[0]!.index - 1));
    for (const entry of entries) {
      if (entry.index !== through + 1) {
        this.#violate("stateMachineSafety", id, `is to apply ${entry.index} after ${through}`);
      }
      through = entry.index;
      const hash = hashEntry(entry);
      const before = this.#committed.get(entry.index);
      if (before === undefined) this.#committed.set(entry.index, { term: entry.term, hash, by: id });
      else if (before.term !== entry.term || before.hash !== hash) {
        const other = `${before.by} has applied one of term ${before.term} there`;
        this.#violate("stateMachineSafety", id, `applies entry ${entry.index} of term ${entry.term}, and ${other}`);
      }
    }
    return through;
  }

  #violate(check: CheckName, node: NodeId, message: string): void {
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push({ check, node, message });
  }
}
