import type { Configuration, Entry, Message, NodeId } from "@balsa/core";
import { emptyCheckCounts, type CheckCounts, type CheckName, type OnViolation } from "./checks.js";
import { CommittedHistory } from "./committedHistory.js";
import { isQuorum, quorumsIntersect } from "./configurationRules.js";
import { EffectHistory } from "./effectHistory.js";
import { EntryTable } from "./entryTable.js";
import { newMemberRecord, type MemberRecord } from "./memberRecord.js";
import type { MemberView } from "./memberView.js";
import { PromiseChecks } from "./promiseChecks.js";

/**
 * Watches all members and checks the rules of the paper's figure 3, and those that implementations have broken, over
 * everything that ever happened. The cost of a look is that of what changed.
 */
export class InvariantChecker {
  readonly counts: CheckCounts = emptyCheckCounts();
  readonly committed = new CommittedHistory();
  readonly effects: EffectHistory;
  readonly #entries = new EntryTable();
  readonly #promises: PromiseChecks;
  readonly #leaders = new Map<number, NodeId>();
  readonly #members = new Map<NodeId, MemberRecord>();
  readonly #onViolation: OnViolation;

  constructor(onViolation: OnViolation) {
    this.#onViolation = onViolation;
    this.effects = new EffectHistory(this.counts, onViolation);
    this.#promises = new PromiseChecks(this.counts, this.committed, onViolation);
  }

  /** How many terms have had a leader. */
  get leaderElections(): number {
    return this.#leaders.size;
  }

  leaderOf(term: number): NodeId | null {
    return this.#leaders.get(term) ?? null;
  }

  /** The record of a member; the same object at every call, to be handed to `observe`. */
  member(id: NodeId): MemberRecord {
    let record = this.#members.get(id);
    if (record === undefined) {
      record = newMemberRecord(id);
      this.#members.set(id, record);
    }
    return record;
  }

  /** A member has recovered what its disk had, and runs. */
  started(record: MemberRecord, view: MemberView): void {
    this.#promises.recovered(record, view);
    record.view = view;
    record.term = view.term;
    record.role = view.role;
    record.lastEntry = null;
    record.lastIndex = view.baseIndex;
    record.baseIndex = view.baseIndex;
    record.commitIndex = view.commitIndex;
    record.appliedIndex = view.commitIndex;
    record.configuration = null;
    this.#checkBase(record, view);
    this.observe(record, view);
  }

  stopped(record: MemberRecord): void {
    record.view = null;
  }

  /** To be called after every step, for every member that runs. */
  observe(record: MemberRecord, view: MemberView): void {
    if (view.term !== record.term || view.role !== record.role) this.#roleOrTermChanged(record, view);
    const configurationBefore = record.configuration;
    const lastIndex = view.lastLogIndex;
    const lastEntry = view.entryAt(lastIndex);
    if (lastEntry !== record.lastEntry || lastIndex !== record.lastIndex || view.baseIndex !== record.baseIndex) {
      this.#logChanged(record, view, lastEntry);
    }
    if (view.commitIndex !== record.commitIndex) this.#commitChanged(record, view, configurationBefore);
  }

  /** A message leaves a member: what it says is a promise from now on. */
  messageSent(from: MemberRecord, message: Message): void {
    switch (message.type) {
      case "voteRequest":
        if (!message.preVote) this.#promises.voted(from, message.term, from.id);
        return;
      case "voteResponse":
        if (!message.preVote && message.granted) this.#promises.voted(from, message.term, message.to);
        return;
      case "appendAccepted":
        this.#promises.acknowledged(from, message.term, message.matchIndex);
        return;
      case "appendRequest":
      case "heartbeatRequest":
      case "snapshotRequest":
      case "timeoutNow":
        this.#leads(from.id, message.term);
        return;
      default:
        return;
    }
  }

  /** A member has applied the entries up to `toIndex`, after which its machine had executed `effects` commands. */
  applied(record: MemberRecord, fromIndex: number, toIndex: number, effects: number): void {
    this.#lookNow(record);
    this.counts.stateMachineSafety += 1;
    if (fromIndex !== record.appliedIndex + 1) {
      this.#violate("stateMachineSafety", record, `applied ${fromIndex} after ${record.appliedIndex}`);
    }
    const commitIndex = record.view?.commitIndex ?? record.commitIndex;
    if (toIndex > commitIndex) {
      this.#violate("stateMachineSafety", record, `applied ${toIndex}, beyond its commit index ${commitIndex}`);
    }
    record.appliedIndex = toIndex;
    this.effects.appliedThrough(record.id, toIndex, effects);
  }

  /** A member's machine has taken over a snapshot of everything up to `index`. */
  installed(record: MemberRecord, index: number): void {
    this.#lookNow(record);
    record.appliedIndex = index;
    this.counts.snapshotsAgree += 1;
    if (index > this.committed.lastIndex) {
      this.#violate("snapshotsAgree", record, `installed a snapshot up to ${index}, which nobody has committed`);
    }
  }

  /** A client was told that its command stands at (`index`, `term`). */
  acknowledged(node: NodeId, index: number, term: number): void {
    this.#lookNow(this.member(node));
    this.counts.acknowledgedCommitted += 1;
    if (index > this.committed.lastIndex || this.committed.termAt(index) !== term) {
      this.#onViolation(
        "acknowledgedCommitted",
        node,
        `answered a client that its command is committed at index ${index} of term ${term}, and it isn't`,
      );
    }
  }

  /** What a member has just done may rest on what it has learned in the same step. */
  #lookNow(record: MemberRecord): void {
    if (record.view !== null) this.observe(record, record.view);
  }

  /** A replica stopped, or threw, and no injected fault explains it. */
  failed(node: NodeId, message: string): void {
    this.#onViolation("noFailure", node, message);
  }

  #leads(id: NodeId, term: number): void {
    this.counts.electionSafety += 1;
    const other = this.#leaders.get(term);
    if (other === undefined) this.#leaders.set(term, id);
    else if (other !== id) this.#onViolation("electionSafety", id, `leads term ${term}, which ${other} has led`);
  }

  #roleOrTermChanged(record: MemberRecord, view: MemberView): void {
    if (view.term < record.term) {
      this.#violate("promisesKept", record, `its term fell from ${record.term} to ${view.term}`);
    }
    if (view.role === "leader") this.#becameLeader(record, view);
    record.term = view.term;
    record.role = view.role;
  }

  #becameLeader(record: MemberRecord, view: MemberView): void {
    this.#leads(record.id, view.term);
    // One that learns late that it was elected need not have what later leaders have committed meanwhile.
    const lastIndex = this.committed.lastIndexBefore(view.term);
    const lastTerm = this.committed.termAt(lastIndex);
    this.counts.leaderCompleteness += 1;
    if (view.baseIndex < lastIndex && view.termAt(lastIndex) !== lastTerm) {
      this.#violate(
        "leaderCompleteness",
        record,
        `leads term ${view.term} without entry ${lastIndex} of term ${lastTerm}, which is committed`,
      );
    }
    this.counts.configurationSafety += 1;
    const { voters, votersOutgoing, learners } = view.configuration;
    // As long as it can't know that its removal is committed, the one removed may be needed as leader (thesis §4.2.2).
    const mayBeUndone = record.configurationIndex > view.commitIndex;
    const isVoter = voters.includes(record.id) || votersOutgoing.includes(record.id);
    if (!isVoter && !mayBeUndone && !(learners.includes(record.id) && this.#countsOn(record.id))) {
      this.#violate("configurationSafety", record, `leads term ${view.term} without being a voter`);
    }
  }

  /** Whether some member's log gives it a vote: a candidate that needs a learner's vote may need it as leader. */
  #countsOn(id: NodeId): boolean {
    for (const { configuration } of this.#members.values()) {
      if (configuration?.voters.includes(id) === true || configuration?.votersOutgoing.includes(id) === true)
        return true;
    }
    return false;
  }

  #logChanged(record: MemberRecord, view: MemberView, lastEntry: Entry | null): void {
    const { baseIndex, lastLogIndex } = view;
    if (baseIndex !== record.baseIndex) this.#checkBase(record, view);
    // A snapshot has taken the place of entries that were never here, configurations perhaps among them.
    if (baseIndex > record.lastIndex) record.configuration = null;
    const grewOnly = this.#stillHolds(record, view);
    if (!grewOnly) this.#wasCut(record, view);
    const from = grewOnly ? Math.max(record.lastIndex, baseIndex) + 1 : baseIndex + 1;
    let previousTerm = view.termAt(from - 1) ?? 0;
    for (let index = from; index <= lastLogIndex; index += 1) {
      const entry = view.entryAt(index) as Entry;
      this.#entryStands(record, view, entry, previousTerm);
      previousTerm = entry.term;
    }
    if (record.configuration === null) {
      record.configuration = view.configuration;
      record.configurationIndex = 0;
    }
    record.baseIndex = baseIndex;
    record.lastIndex = lastLogIndex;
    record.lastEntry = lastEntry;
  }

  /** Whether the log is what it was, with more behind it or less before it. */
  #stillHolds(record: MemberRecord, view: MemberView): boolean {
    if (record.lastIndex <= view.baseIndex) return true;
    return record.lastEntry !== null && view.entryAt(record.lastIndex) === record.lastEntry;
  }

  #wasCut(record: MemberRecord, view: MemberView): void {
    this.counts.leaderAppendOnly += 1;
    record.configuration = null;
    if (record.role === "leader" && view.role === "leader" && record.term === view.term) {
      this.#violate("leaderAppendOnly", record, `cut its own log while it leads term ${view.term}`);
    }
    if (record.commitIndex > view.baseIndex) {
      this.counts.committedNeverLost += 1;
      if (view.termAt(record.commitIndex) !== this.committed.termAt(record.commitIndex)) {
        this.#violate("committedNeverLost", record, `cut off entry ${record.commitIndex}, which is committed`);
      }
    }
    if (record.promisedIndex > view.baseIndex && view.termAt(record.promisedIndex) !== record.promisedTerm) {
      // What was cut off was promised to a leader that is deposed; of the rest, what it had committed before is sure to be
      // there. What it commits with the cut itself came from the new leader, and may not be durable here yet.
      record.promisedIndex = Math.min(record.promisedIndex, record.commitIndex, this.committed.lastIndex);
      record.promisedTerm = this.committed.termAt(record.promisedIndex);
    }
  }

  #entryStands(record: MemberRecord, view: MemberView, entry: Entry, previousTerm: number): void {
    this.counts.logMatching += 1;
    const verdict = this.#entries.add(entry, previousTerm);
    if (verdict === "otherPast") {
      this.#violate("logMatching", record, `entry ${entry.index} of term ${entry.term} stands behind another entry`);
    }
    if (verdict !== "same") this.counts.indexNotReused += 1;
    if (verdict === "otherContent") {
      this.#violate("indexNotReused", record, `entry ${entry.index} of term ${entry.term} has another content`);
    }
    if (entry.configuration === null) return;
    if (verdict === "new" && view.role === "leader") this.#configurationAppended(record, view, entry);
    record.configuration = entry.configuration;
    record.configurationIndex = entry.index;
  }

  /** The first time that this configuration stands anywhere: on the leader that made it. */
  #configurationAppended(record: MemberRecord, view: MemberView, entry: Entry): void {
    const before = record.configuration;
    if (before === null) return;
    this.counts.configurationSafety += 1;
    if (record.configurationIndex > view.commitIndex) {
      this.#violate(
        "configurationSafety",
        record,
        `appended a configuration at ${entry.index} while that at ${record.configurationIndex} was not committed`,
      );
    }
    // Or two changes of different leaders could have majorities that don't meet (Ongaro, raft-dev 2015).
    if (view.termAt(view.commitIndex) !== view.term) {
      this.#violate(
        "configurationSafety",
        record,
        `appended a configuration at ${entry.index} before anything of its term ${view.term} was committed`,
      );
    }
    if (!quorumsIntersect(before, entry.configuration as Configuration)) {
      this.#violate(
        "configurationSafety",
        record,
        `the configuration at ${entry.index} can decide without the one before`,
      );
    }
  }

  #commitChanged(record: MemberRecord, view: MemberView, configurationBefore: Configuration | null): void {
    const { commitIndex } = view;
    this.counts.commitNeverFalls += 1;
    if (commitIndex < record.commitIndex) {
      this.#violate("commitNeverFalls", record, `its commit index fell from ${record.commitIndex} to ${commitIndex}`);
    }
    if (commitIndex > view.lastLogIndex) {
      this.#violate("commitNeverFalls", record, `its commit index ${commitIndex} lies beyond its log`);
      return;
    }
    const from = Math.max(record.commitIndex, view.baseIndex) + 1;
    const newest = this.committed.lastIndex;
    for (let index = from; index <= commitIndex; index += 1) this.#entryCommitted(record, view, index);
    if (commitIndex > newest && commitIndex === this.committed.lastIndex)
      this.#checkQuorum(record, view, configurationBefore);
    record.commitIndex = commitIndex;
  }

  #entryCommitted(record: MemberRecord, view: MemberView, index: number): void {
    const { committed } = this;
    const entry = view.entryAt(index) as Entry;
    const variant = this.#entries.find(index, entry.term);
    const hash = variant === null ? 0 : variant.hash;
    this.counts.stateMachineSafety += 1;
    if (index <= committed.lastIndex) {
      if (committed.termAt(index) === entry.term && committed.hashAt(index) === hash) return;
      const other = committed.termAt(index);
      this.#violate(
        "stateMachineSafety",
        record,
        `committed entry ${index} of term ${entry.term}, where one of term ${other} had been committed`,
      );
      return;
    }
    if (index > committed.lastIndex + 1) {
      this.#violate("stateMachineSafety", record, `committed entry ${index}, and nobody has committed the one before`);
      return;
    }
    committed.push(entry.term, hash, view.term);
    this.effects.committed(entry);
  }

  /** A configuration appended in this very step may not have held yet when the decision was made. */
  #checkQuorum(record: MemberRecord, view: MemberView, configurationBefore: Configuration | null): void {
    const index = view.commitIndex;
    const term = this.committed.termAt(index);
    if (view.role === "leader") {
      this.counts.commitOwnTermOnly += 1;
      if (term !== view.term) {
        this.#violate(
          "commitOwnTermOnly",
          record,
          `as leader of term ${view.term} committed entry ${index} of term ${term} by counting`,
        );
      }
    }
    this.counts.commitOnQuorum += 1;
    const holds = (id: NodeId): boolean => this.#holds(id, index, term);
    if (!isQuorum(view.configuration, holds) && !isQuorum(configurationBefore ?? view.configuration, holds)) {
      this.#violate("commitOnQuorum", record, `committed entry ${index}, which no majority holds`);
    }
  }

  #holds(id: NodeId, index: number, term: number): boolean {
    const record = this.#members.get(id);
    if (record === undefined) return false;
    if (record.view === null) return record.promisedIndex >= index;
    return record.view.baseIndex >= index || record.view.termAt(index) === term;
  }

  /** The log follows a snapshot: that must be of what is committed. */
  #checkBase(record: MemberRecord, view: MemberView): void {
    this.counts.snapshotsAgree += 1;
    const { baseIndex, baseTerm } = view;
    if (baseIndex > this.committed.lastIndex) {
      this.#violate("snapshotsAgree", record, `compacted up to ${baseIndex}, which nobody has committed`);
    } else if (baseTerm !== this.committed.termAt(baseIndex)) {
      this.#violate("snapshotsAgree", record, `compacted entry ${baseIndex} of term ${baseTerm}, never committed`);
    }
  }

  #violate(check: CheckName, record: MemberRecord, message: string): void {
    this.#onViolation(check, record.id, message);
  }
}
