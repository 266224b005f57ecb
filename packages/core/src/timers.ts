import { mayCampaign, wakeElection } from "./election.js";
import { wakeLeader } from "./heartbeat.js";
import { quorumContactAt } from "./lease.js";
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
  const transfer = leadership.transfer?.deadline ?? Infinity;
  const quorum = options.checkQuorum ? quorumContactAt(context) + options.electionTimeoutMs : Infinity;
  return Math.min(leadership.heartbeatDeadline, transfer, quorum);
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
