import type { NodeId } from "@balsa/core";
import type { CheckCounts, CheckName, OnViolation } from "./checks.js";
import type { CommittedHistory } from "./committedHistory.js";
import type { MemberRecord } from "./memberRecord.js";
import type { MemberView } from "./memberView.js";
import { VoteHistory } from "./voteHistory.js";

/** What a member says when it votes or acknowledges holds for ever, over every crash. */
export class PromiseChecks {
  readonly #counts: CheckCounts;
  readonly #committed: CommittedHistory;
  readonly #onViolation: OnViolation;
  readonly #votes = new VoteHistory();

  constructor(counts: CheckCounts, committed: CommittedHistory, onViolation: OnViolation) {
    this.#counts = counts;
    this.#committed = committed;
    this.#onViolation = onViolation;
  }

  /** A vote leaves it, for itself or another. */
  voted(record: MemberRecord, term: number, candidate: NodeId): void {
    this.#counts.voteOncePerTerm += 1;
    const other = this.#votes.add(term, record.id, candidate);
    if (other !== candidate) {
      this.#violate("voteOncePerTerm", record, `voted for ${candidate} in term ${term}, after ${other}`);
    }
    if (term >= record.votedTerm) {
      record.votedTerm = term;
      record.votedFor = candidate;
    }
  }

  /** One of an earlier term, late from the disk, may speak of what has been cut off since: as any that is under way. */
  acknowledged(record: MemberRecord, term: number, matchIndex: number): void {
    const { view } = record;
    if (view === null || term < view.term || matchIndex <= record.promisedIndex) return;
    this.#counts.promisesKept += 1;
    const termThere = view.termAt(matchIndex);
    if (termThere === null && matchIndex > view.baseIndex) {
      this.#violate("promisesKept", record, `acknowledged entry ${matchIndex}, which it doesn't have`);
      return;
    }
    record.promisedIndex = matchIndex;
    record.promisedTerm = termThere ?? this.#committed.termAt(Math.min(matchIndex, this.#committed.lastIndex));
  }

  /** It runs again, with what its disk held. */
  recovered(record: MemberRecord, view: MemberView): void {
    this.#counts.promisesKept += 1;
    const { votedTerm, votedFor, promisedIndex, promisedTerm } = record;
    if (view.term < votedTerm || (view.term === votedTerm && view.vote !== votedFor)) {
      this.#violate("promisesKept", record, `forgot its vote for ${String(votedFor)} in term ${votedTerm}`);
    }
    if (view.baseIndex < promisedIndex && view.termAt(promisedIndex) !== promisedTerm) {
      this.#violate(
        "promisesKept",
        record,
        `lost entry ${promisedIndex} of term ${promisedTerm}, which it had acknowledged`,
      );
    }
  }

  #violate(check: CheckName, record: MemberRecord, message: string): void {
    this.#onViolation(check, record.id, message);
  }
}
