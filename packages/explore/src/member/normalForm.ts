import type { LeadershipState, Persist, Progress, RaftOptions, RaftState } from "@balsa/core";
import type { HeldMessages } from "./member.js";

/**
 * Makes equal what behaves equally, or no two schedules would ever meet in one state. `raft` is a copy of one's own, as
 * `save()` gives it, and is changed in place.
 *
 * Time: each member's clock is put back to 0, with all that counts from it; what lies so far back that it makes no
 * difference is brought to one value. An election may come at any time, so its deadline is always a whole timeout away.
 */
export function normalizeTimes(raft: RaftState, options: RaftOptions): void {
  const { now, timers, election, leadership } = raft;
  raft.now = 0;
  timers.randomizedElectionTimeoutMs = electionDeadline(options);
  timers.electionDeadline = electionDeadline(options);
  election.setbacks = 0; // They only put off the next election, which may come at any time.
  timers.stickyUntil = options.leaderStickiness ? Math.max(0, timers.stickyUntil - now) : 0;
  // Reads are not explored: their ids only have to be new.
  raft.forwardedReads.nextReadId = 1;
  if (leadership !== null) normalizeLeadership(leadership, now, options);
}

/** When a member's clock says that it is time to campaign, if its last sign of a leader was at 0. */
export function electionDeadline(options: RaftOptions): number {
  return options.electionTimeoutMs * (1 + RANDOM);
}

/** The one number that the core draws: so that stickiness ends before the own election timeout does. */
export const RANDOM = 0.5;

function normalizeLeadership(leadership: LeadershipState, now: number, options: RaftOptions): void {
  // Nobody rests in an exploration: only whether all is quiet for long enough would depend on these.
  leadership.activeAt = 0;
  leadership.awakeSince = Math.max(-options.electionTimeoutMs, leadership.awakeSince - now);
  leadership.heartbeatDeadline = Math.max(0, leadership.heartbeatDeadline - now);
  // When a round was sent matters to leases only, which are not explored.
  leadership.roundsSentAt = leadership.roundsSentAt.map(() => 0);
  for (const progress of leadership.progress) normalizeProgress(progress, now, options);
}

function normalizeProgress(progress: Progress, now: number, options: RaftOptions): void {
  progress.lastContactAt = Math.max(-options.electionTimeoutMs, progress.lastContactAt - now);
  progress.lastProgressAt = Math.max(-options.heartbeatIntervalMs, progress.lastProgressAt - now);
  if (progress.ackedRoundSentAt !== null) progress.ackedRoundSentAt = 0;
  const { transfer } = progress;
  if (transfer !== null) {
    transfer.lastActivityAt = Math.max(-options.electionTimeoutMs, transfer.lastActivityAt - now);
  }
}

/**
 * Positions only count up, and are only compared with each other: they are counted from the last durable one on. The
 * first durable one stays 1, for 0 says that nothing ever was.
 */
export function normalizePositions(
  raft: RaftState,
  writes: readonly Persist[],
  held: readonly HeldMessages[],
): { writes: readonly Persist[]; held: readonly HeldMessages[] } {
  const { persistence, election } = raft;
  const shift = persistence.durablePosition - Math.min(1, persistence.durablePosition);
  if (shift === 0) return { writes, held };
  persistence.durablePosition -= shift;
  persistence.lastPosition -= shift;
  for (const batch of persistence.inFlight) batch.position -= shift;
  if (election.ownVotePosition > 0) election.ownVotePosition -= shift;
  return {
    writes: writes.map((write) => ({ ...write, position: write.position - shift })),
    held: held.map(({ position, messages }) => ({ position: position - shift, messages })),
  };
}
