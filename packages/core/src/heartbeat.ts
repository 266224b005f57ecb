import { assignReadRound, confirmReads } from "./reads.js";
import { commitTo } from "./commit.js";
import { quorumDeadline } from "./lease.js";
import { lastIndex } from "./log.js";
import { hearFromPeer } from "./membership.js";
import type { HeartbeatRequest, HeartbeatResponse } from "./message.js";
import { send, sendAfterPersist } from "./pending.js";
import { isNothingDurable } from "./persistence.js";
import type { Progress } from "./progress.js";
import { probeStalledPeer } from "./replication.js";
import { endRestUnlessAgreed, mayRest, noteRestAnswer, restAsFollower, restIfAgreed } from "./rest.js";
import { becomeFollower } from "./roles.js";
import { rejectAppend } from "./appending.js";
import type { LeadershipState, RaftContext } from "./state.js";

/** How many rounds are remembered; an answer to an older one counts, but extends no lease. */
const MAX_ROUNDS_REMEMBERED = 64;

/** Sends a round of heartbeats. One round speaks for all reads that wait. */
export function broadcastHeartbeats(context: RaftContext, leadership: LeadershipState): void {
  const { state, options } = context;
  endRestUnlessAgreed(context, leadership);
  const rest = mayRest(context, leadership);
  leadership.round += 1;
  leadership.roundsSentAt.push(state.now);
  if (leadership.roundsSentAt.length > MAX_ROUNDS_REMEMBERED) leadership.roundsSentAt.shift();
  leadership.heartbeatDeadline =
    state.now + (leadership.resting ? options.restingHeartbeatIntervalMs : options.heartbeatIntervalMs);
  assignReadRound(leadership, leadership.round);
  for (const progress of leadership.progress) sendHeartbeat(context, progress, leadership.round, rest);
  restIfAgreed(context, leadership); // where there is nobody to ask
  // A sole voter is a quorum by itself, and nobody else will answer.
  confirmReads(context);
}

/** Tells the commit index and, when `round` is not 0, asks for an answer. */
export function sendHeartbeat(context: RaftContext, progress: Progress, round: number, mayRest: boolean): void {
  const { state } = context;
  // Beyond the match the follower's log may differ from the leader's: it must not commit what it has there.
  const commitIndex = Math.min(progress.matchIndex, state.commitIndex);
  progress.commitIndexSent = Math.max(progress.commitIndexSent, commitIndex);
  const { id, term } = state;
  send(context, { type: "heartbeatRequest", from: id, to: progress.id, term, commitIndex, round, mayRest });
}

/** The leader's timers. */
export function wakeLeader(context: RaftContext): void {
  const { state, options } = context;
  if (state.leadership === null) return;
  if (options.checkQuorum && state.now >= quorumDeadline(context, state.leadership)) {
    becomeFollower(context, state.term, null, "a quorum was not heard of for an election timeout");
    return;
  }
  if (state.now >= state.leadership.heartbeatDeadline) broadcastHeartbeats(context, state.leadership);
}

/** A heartbeat is answered at once, however slow the own disk is: what it promises, every restart keeps to. */
export function receiveHeartbeatRequest(context: RaftContext, message: HeartbeatRequest): void {
  const { state } = context;
  if (message.commitIndex > lastIndex(state.log)) {
    // The leader counts on entries that this disk has lost; it must learn that it has to send them again.
    rejectAppend(context, message.from, message.commitIndex);
  } else {
    commitTo(context, message.commitIndex);
  }
  const resting = restAsFollower(context, message);
  if (message.round === 0) return;
  const { id, term } = state;
  const response: HeartbeatResponse = {
    type: "heartbeatResponse",
    from: id,
    to: message.from,
    term,
    round: message.round,
    resting,
  };
  // A member that nothing is durable of begins anew after a crash, knowing nothing of the lease it has promised.
  if (isNothingDurable(state)) sendAfterPersist(context, response);
  else send(context, response);
}

export function receiveHeartbeatResponse(context: RaftContext, message: HeartbeatResponse): void {
  const { state } = context;
  const { leadership } = state;
  const progress = hearFromPeer(context, message.from);
  if (leadership === null || progress === null) return;
  if (message.round > progress.ackedRound) {
    progress.ackedRound = message.round;
    const sentAt = leadership.roundsSentAt[leadership.roundsSentAt.length - 1 - (leadership.round - message.round)];
    if (sentAt !== undefined) progress.ackedRoundSentAt = sentAt;
  }
  noteRestAnswer(context, progress, message.round, message.resting);
  confirmReads(context);
  probeStalledPeer(context, leadership, progress);
}
