import { progressOf } from "./membership.js";
import { quorumValue } from "./quorum.js";
import { currentConfiguration, type LeadershipState, type RaftContext } from "./state.js";

/**
 * Whether no other leader can have been elected yet (thesis §6.4.1): a quorum has promised, by answering a round of
 * heartbeats, to elect nobody for an election timeout from then on. The promise is counted from when the round was
 * *sent*, and shortened by what the clocks may run apart.
 */
export function holdsLease(context: RaftContext): boolean {
  return context.options.leaseReads && context.state.now < leadershipProvenUntil(context);
}

/**
 * Until when, by the own clock, no other leader can have been elected; `-Infinity` where that can't be said: on whoever
 * does not lead, or hands over, or has committed nothing in its term. It does not depend on `leaseReads`: what it needs of
 * the others, they do for stickiness' sake.
 */
export function leadershipProvenUntil(context: RaftContext): number {
  const { state, options } = context;
  const { leadership } = state;
  if (leadership === null || !options.checkQuorum || !options.leaderStickiness) return -Infinity;
  if (leadership.leaseForfeited || leadership.transfer !== null) return -Infinity;
  if (state.commitIndex < leadership.termStartIndex) return -Infinity;
  const configuration = currentConfiguration(state);
  const isOther = (id: string): boolean => id !== state.id;
  const others = configuration.voters.some(isOther) || configuration.votersOutgoing.some(isOther);
  if (!others) return Infinity;
  const basis = quorumValue(configuration, (id) => roundSentAt(context, leadership, id));
  return basis + options.electionTimeoutMs / (1 + options.maxClockDriftRatio);
}

/** The highest round of heartbeats that a quorum has answered. */
export function quorumRound(context: RaftContext): number {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return 0;
  return quorumValue(currentConfiguration(state), (id) =>
    id === state.id ? leadership.round : (progressOf(leadership, id)?.ackedRound ?? 0),
  );
}

/** Since when a quorum has been heard from without a break; the leader always hears itself. */
export function quorumContactAt(context: RaftContext): number {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return -Infinity;
  return quorumValue(currentConfiguration(state), (id) =>
    id === state.id ? state.now : (progressOf(leadership, id)?.lastContactAt ?? -Infinity),
  );
}

/** When a leader that has still not heard from a quorum steps down (thesis §6.2). While the group rests that can wait. */
export function quorumDeadline(context: RaftContext, leadership: LeadershipState): number {
  if (leadership.resting) return Infinity;
  return Math.max(quorumContactAt(context), leadership.awakeSince) + context.options.electionTimeoutMs;
}

function roundSentAt(context: RaftContext, leadership: LeadershipState, id: string): number {
  if (id === context.state.id) return context.state.now;
  return progressOf(leadership, id)?.ackedRoundSentAt ?? -Infinity;
}
