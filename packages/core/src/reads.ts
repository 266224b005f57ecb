import type { ReadRefusal } from "./effects.js";
import { invariant } from "./errors.js";
import { holdsLease, quorumRound } from "./lease.js";
import type { ReadIndexRequest, ReadIndexResponse } from "./message.js";
import { confirmRead, refuseRead, send } from "./pending.js";
import { noteActivity, rouse } from "./rest.js";
import type { LeadershipState, PendingRead, RaftContext } from "./state.js";

/** `linearizable` confirms leadership by a round of heartbeats; `lease` trusts clocks where that was opted for. */
export type ReadConsistency = "linearizable" | "lease";

/**
 * Asks from which index on the state machine may answer a read (thesis §6.4). The answer, or a refusal, always comes as a
 * `reads` effect with this `readContext`. A follower asks its leader.
 */
export function read(context: RaftContext, readContext: number, consistency: ReadConsistency): void {
  const { state, options } = context;
  const { leadership, forwardedReads } = state;
  if (leadership !== null) {
    if (consistency === "lease" && holdsLease(context)) confirmRead(context, readContext, state.commitIndex);
    else if (leadership.reads.length >= options.maxPendingReads) refuseRead(context, readContext, "OVERLOADED");
    else addRead(context, leadership, state.id, readContext);
  } else if (state.leader === null) {
    refuseRead(context, readContext, "NO_LEADER");
  } else {
    const waiting = forwardedReads.waiting.reduce((sum, { contexts }) => sum + contexts.length, 0);
    if (waiting + forwardedReads.gathering.length >= options.maxPendingReads) {
      refuseRead(context, readContext, "OVERLOADED");
    } else {
      forwardedReads.gathering.push(readContext);
    }
  }
}

/** Called as leader when the commit index has risen: reads that came before the term's first commit get their index. */
export function assignReadIndexes(context: RaftContext): void {
  const { leadership, commitIndex } = context.state;
  if (leadership === null || commitIndex < leadership.termStartIndex) return;
  for (const pending of leadership.reads) if (pending.index < 0) pending.index = commitIndex;
}

/** Whether reads wait that no round of heartbeats under way speaks for: then one is due, unless one is under way. */
export function readRoundDue(context: RaftContext, leadership: LeadershipState): boolean {
  const last = leadership.reads[leadership.reads.length - 1];
  if (last === undefined || last.round > 0) return false;
  return quorumRound(context) >= leadership.round;
}

/** A round is about to leave: every read so far is confirmed when a quorum has answered it. */
export function assignReadRound(leadership: LeadershipState, round: number): void {
  for (let i = leadership.reads.length - 1; i >= 0; i -= 1) {
    const pending = leadership.reads[i] as PendingRead;
    if (pending.round > 0) break;
    pending.round = round;
  }
}

/** Answers the reads whose round a quorum has answered: nobody else led when they came. */
export function confirmReads(context: RaftContext): void {
  const { leadership } = context.state;
  if (leadership === null || leadership.reads.length === 0) return;
  const confirmed = quorumRound(context);
  let count = 0;
  for (const pending of leadership.reads) {
    if (pending.round === 0 || pending.round > confirmed || pending.index < 0) break;
    answerRead(context, pending, null);
    count += 1;
  }
  if (count > 0) leadership.reads = leadership.reads.slice(count);
}

/** Refuses all reads that wait on this leader. */
export function refusePendingReads(context: RaftContext, refusal: ReadRefusal): void {
  const { leadership } = context.state;
  if (leadership === null) return;
  for (const pending of leadership.reads) answerRead(context, pending, refusal);
  leadership.reads = [];
}

/** A follower's readers ask. */
export function receiveReadIndexRequest(context: RaftContext, message: ReadIndexRequest): void {
  const { state, options } = context;
  const { leadership } = state;
  const refused = leadership === null || leadership.reads.length >= options.maxPendingReads;
  if (refused) sendReadIndex(context, message.from, message.readId, null);
  else addRead(context, leadership, message.from, message.readId);
}

export function receiveReadIndexResponse(context: RaftContext, message: ReadIndexResponse): void {
  const { forwardedReads } = context.state;
  const found = forwardedReads.waiting.findIndex(({ readId }) => readId === message.readId);
  if (found < 0) return;
  const [request] = forwardedReads.waiting.splice(found, 1);
  for (const readContext of request?.contexts ?? []) {
    if (message.index === null) refuseRead(context, readContext, "LEADERSHIP_LOST");
    else confirmRead(context, readContext, message.index);
  }
}

/** Sends what has gathered for the leader, as one request under an id of its own. */
export function sendForwardedReads(context: RaftContext): void {
  const { state, options } = context;
  const { forwardedReads, leader } = state;
  if (forwardedReads.gathering.length === 0) return;
  invariant(leader !== null && leader !== state.id, "reads gather for a leader that is another");
  rouse(context, state.now); // a leader that is gone would let readers wait, and nobody notice
  const readId = forwardedReads.nextReadId;
  forwardedReads.nextReadId += 1;
  const deadline = state.now + options.electionTimeoutMs;
  forwardedReads.waiting.push({ readId, contexts: forwardedReads.gathering, deadline });
  forwardedReads.gathering = [];
  send(context, { type: "readIndexRequest", from: state.id, to: leader, term: state.term, readId });
}

/** Refuses forwarded reads that the leader has not answered in time. */
export function wakeForwardedReads(context: RaftContext): void {
  const { state } = context;
  const { waiting } = state.forwardedReads;
  while (waiting.length > 0 && (waiting[0] as { deadline: number }).deadline <= state.now) {
    for (const readContext of waiting.shift()?.contexts ?? []) refuseRead(context, readContext, "TIMED_OUT");
  }
}

export function refuseForwardedReads(context: RaftContext, refusal: ReadRefusal): void {
  const { forwardedReads } = context.state;
  const contexts = [...forwardedReads.waiting.flatMap((request) => request.contexts), ...forwardedReads.gathering];
  forwardedReads.waiting = [];
  forwardedReads.gathering = [];
  for (const readContext of contexts) refuseRead(context, readContext, refusal);
}

function addRead(context: RaftContext, leadership: LeadershipState, from: string, readContext: number): void {
  const { state } = context;
  const started = state.commitIndex >= leadership.termStartIndex;
  const pending: PendingRead = { from, context: readContext, index: started ? state.commitIndex : -1, round: 0 };
  leadership.reads.push(pending);
  noteActivity(context);
}

function answerRead(context: RaftContext, pending: PendingRead, refusal: ReadRefusal | null): void {
  const { state } = context;
  if (pending.from !== state.id) {
    sendReadIndex(context, pending.from, pending.context, refusal === null ? pending.index : null);
  } else if (refusal === null) {
    confirmRead(context, pending.context, pending.index);
  } else {
    refuseRead(context, pending.context, refusal);
  }
}

function sendReadIndex(context: RaftContext, to: string, readId: number, index: number | null): void {
  const { id, term } = context.state;
  send(context, { type: "readIndexResponse", from: id, to, term, readId, index });
}
