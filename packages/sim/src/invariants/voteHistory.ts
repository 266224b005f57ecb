import type { NodeId } from "@balsa/core";

/** Who voted for whom in which term, for the whole run. */
export class VoteHistory {
  readonly #terms = new Map<number, Map<NodeId, NodeId>>();

  /** Notes a vote, and returns whom this member voted for first in the term. */
  add(term: number, voter: NodeId, candidate: NodeId): NodeId {
    let votes = this.#terms.get(term);
    if (votes === undefined) {
      votes = new Map();
      this.#terms.set(term, votes);
    }
    const first = votes.get(voter);
    if (first === undefined) votes.set(voter, candidate);
    return first ?? candidate;
  }
}
