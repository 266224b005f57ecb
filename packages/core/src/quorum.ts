import type { Configuration } from "./configuration.js";
import type { NodeId } from "./entry.js";

/** What a vote among the members has come to. */
export type VoteOutcome = "won" | "lost" | "pending";

/**
 * The largest value that a majority has reached: for indexes what is replicated on a quorum, for times since when a
 * quorum has been heard. A joint configuration needs the majority of both halves (§6). Without voters nothing limits it:
 * `Infinity`.
 */
export function quorumValue(configuration: Configuration, valueOf: (id: NodeId) => number): number {
  const incoming = majorityValue(configuration.voters, valueOf);
  if (configuration.votersOutgoing.length === 0) return incoming;
  return Math.min(incoming, majorityValue(configuration.votersOutgoing, valueOf));
}

/** The outcome of a vote; `voteOf` gives null for a member that has not answered. */
export function voteOutcome(configuration: Configuration, voteOf: (id: NodeId) => boolean | null): VoteOutcome {
  const incoming = majorityVote(configuration.voters, voteOf);
  if (configuration.votersOutgoing.length === 0) return incoming;
  const outgoing = majorityVote(configuration.votersOutgoing, voteOf);
  if (incoming === "lost" || outgoing === "lost") return "lost";
  return incoming === "won" && outgoing === "won" ? "won" : "pending";
}

/** Reused, for the commit index is looked for with every acknowledgement. Holds nothing from one call to the next. */
const descending: number[] = [];

function majorityValue(voters: readonly NodeId[], valueOf: (id: NodeId) => number): number {
  const count = voters.length;
  if (count === 0) return Infinity;
  for (let i = 0; i < count; i += 1) {
    const value = valueOf(voters[i] as NodeId);
    let place = i;
    while (place > 0 && (descending[place - 1] as number) < value) {
      descending[place] = descending[place - 1] as number;
      place -= 1;
    }
    descending[place] = value;
  }
  // With n voters a majority is floor(n / 2) + 1: that many have at least the value in this place.
  return descending[count >> 1] as number;
}

function majorityVote(voters: readonly NodeId[], voteOf: (id: NodeId) => boolean | null): VoteOutcome {
  const majority = (voters.length >> 1) + 1;
  let granted = 0;
  let possible = 0;
  for (const id of voters) {
    const vote = voteOf(id);
    if (vote === true) granted += 1;
    if (vote !== false) possible += 1;
  }
  if (voters.length === 0 || granted >= majority) return "won";
  return possible < majority ? "lost" : "pending";
}
