import { mayCampaign, wakeElection } from "./election.js";
import { wakeLeader } from "./heartbeat.js";
import { quorumDeadline } from "./lease.js";
import { wakeForwardedReads } from "./reads.js";
import type { RaftContext } from "./state.js";
import { wakeTransfer } from "./transfer.js";

/** When `wake` has something to do next; `Infinity` when never. */
export function nextDeadline(context: RaftContext): number {
  const { state, options } = context;
  const { leadership } = state;
  if (leadership === null) {
    const reads = state.forwardedReads.waiting[0]?.deadline ?? Infinity;
    const election = mayCampaign(state) ? state.timers.electionDeadline : Infinity;
    return Math.min(reads, election);
  }
  const next = Math.min(leadership.heartbeatDeadline, leadership.transfer?.deadline ?? Infinity);
  if (!options.checkQuorum || leadership.resting) return next;
  // A quorum was heard of no earlier than whoever was silent for longest; mostly that settles it.
  let contactAt = state.now;
  for (const progress of leadership.progress) contactAt = Math.min(contactAt, progress.lastContactAt);
  if (contactAt + options.electionTimeoutMs >= next) return next;
  return Math.min(next, quorumDeadline(context, leadership));
}

/** Does what is due at the present time. */
export function wake(context: RaftContext): void {
  wakeForwardedReads(context);
  if (context.state.leadership === null) {
    wakeElection(context);
  } else {
    wakeTransfer(context);
    wakeLeader(context);
  }
}
