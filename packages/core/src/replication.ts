import { advanceCommitIndex } from "./commit.js";
import { entryBytes, type Entry } from "./entry.js";
import { sendHeartbeat } from "./heartbeat.js";
import { lastIndex, lastPossibleMatch, sliceEntries, termAt } from "./log.js";
import { hearFromPeer } from "./membership.js";
import type { AppendAccepted, AppendRejected } from "./message.js";
import { emit, send } from "./pending.js";
import { becomeProbe, becomeReplicate, recordMatch, recordSent, type Progress } from "./progress.js";
import { beginSnapshotTransfer } from "./snapshotSending.js";
import type { LeadershipState, RaftContext } from "./state.js";
import { continueTransfer } from "./transfer.js";

/** Brings every peer what it lacks, as far as limits allow: entries, or else the news of what is committed. */
export function replicate(context: RaftContext, leadership: LeadershipState): void {
  leadership.replicationDue = false;
  for (const progress of leadership.progress) {
    const sent = sendEntries(context, progress);
    // What is on its way is answered soon, and the news may grow until then; heartbeats bring it at the latest.
    if (sent || progress.state !== "replicate" || progress.inflight.length > 0) continue;
    if (Math.min(progress.matchIndex, context.state.commitIndex) > progress.commitIndexSent) {
      sendHeartbeat(context, progress, 0, false);
    }
  }
}

/**
 * The follower has answered a heartbeat, but not what it was sent: an append may have got lost. One without entries, right
 * behind what was sent, makes it say so, and costs next to nothing where the answer is only late.
 */
export function probeStalledPeer(context: RaftContext, leadership: LeadershipState, progress: Progress): void {
  const { state, options } = context;
  const stalled = state.now - progress.lastProgressAt >= options.heartbeatIntervalMs;
  switch (progress.state) {
    case "probe":
      progress.probeInFlight = false;
      leadership.replicationDue = true;
      break;
    case "replicate":
      if (stalled && progress.inflight.length > 0) sendAppend(context, progress, []);
      break;
    case "snapshot":
      if (progress.transfer !== null && state.now - progress.transfer.lastActivityAt >= options.electionTimeoutMs) {
        beginSnapshotTransfer(context, progress);
      }
      break;
  }
}

export function receiveAppendAccepted(context: RaftContext, message: AppendAccepted): void {
  const { state } = context;
  const { leadership } = state;
  const progress = hearFromPeer(context, message.from);
  if (leadership === null || progress === null) return;
  const news = recordMatch(progress, message.matchIndex);
  if (news) progress.lastProgressAt = state.now;
  if (progress.state === "probe" && message.matchIndex === progress.matchIndex) becomeReplicate(progress);
  if (progress.state === "snapshot" && progress.transfer !== null) {
    if (progress.matchIndex >= progress.transfer.snapshot.index) {
      emit(context, { type: "snapshotSent", to: progress.id, index: progress.transfer.snapshot.index });
      becomeReplicate(progress);
    }
  }
  leadership.replicationDue = true;
  if (news) advanceCommitIndex(context);
  continueTransfer(context, progress);
}

export function receiveAppendRejected(context: RaftContext, message: AppendRejected): void {
  const { state } = context;
  const { leadership } = state;
  const progress = hearFromPeer(context, message.from);
  if (leadership === null || progress === null) return;
  if (progress.state === "snapshot") return;
  const guess = lastPossibleMatch(state.log, message.hintIndex, message.hintTerm);
  const nextIndex = guess === null ? state.log.baseIndex : guess + 1;
  if (message.rejectedIndex <= progress.matchIndex) {
    receiveImpossibleRejection(context, progress, message, nextIndex);
  } else if (progress.state === "replicate") {
    becomeProbe(progress, Math.min(message.rejectedIndex, nextIndex));
  } else if (message.rejectedIndex === progress.nextIndex - 1) {
    becomeProbe(progress, Math.min(message.rejectedIndex, nextIndex));
  }
  leadership.replicationDue = true;
}

/**
 * The follower refuses what it has acknowledged. Mostly that is an old answer come late; a probe right behind the match
 * tells. Where the follower refuses that too, its disk has lost data: counting less is always safe, and it is fed anew.
 */
function receiveImpossibleRejection(
  context: RaftContext,
  progress: Progress,
  message: AppendRejected,
  nextIndex: number,
): void {
  const confirmed = progress.state === "probe" && message.rejectedIndex === progress.nextIndex - 1;
  if (confirmed) {
    const { id, matchIndex } = progress;
    emit(context, { type: "followerLostEntries", id, matchIndex, lastIndex: message.hintIndex });
    progress.matchIndex = 0;
    becomeProbe(progress, Math.max(1, Math.min(message.rejectedIndex, nextIndex)));
  } else if (progress.state === "replicate") {
    becomeProbe(progress, progress.matchIndex + 1);
  }
}

/** Sends entries while there are some and limits allow. Returns whether anything left. */
function sendEntries(context: RaftContext, progress: Progress): boolean {
  const { state, options } = context;
  if (progress.state === "snapshot") return false;
  if (termAt(state.log, progress.nextIndex - 1) === null) return beginSnapshotTransfer(context, progress);
  const last = lastIndex(state.log);
  if (progress.state === "probe") {
    if (progress.probeInFlight) return false;
    progress.probeInFlight = true;
    return sendAppend(context, progress, takeEntries(context, progress, last));
  }
  let sent = false;
  while (
    progress.nextIndex <= last &&
    progress.inflight.length < options.maxInflightAppends &&
    progress.inflightBytes < options.maxInflightBytes
  ) {
    const entries = takeEntries(context, progress, last);
    sendAppend(context, progress, entries);
    let bytes = 0;
    for (const entry of entries) bytes += entryBytes(entry);
    recordSent(progress, progress.nextIndex + entries.length - 1, bytes);
    sent = true;
  }
  return sent;
}

function takeEntries(context: RaftContext, progress: Progress, last: number): Entry[] {
  const { state, options } = context;
  if (progress.nextIndex > last) return [];
  return sliceEntries(state.log, progress.nextIndex, last, options.maxAppendEntries, options.maxAppendBytes);
}

function sendAppend(context: RaftContext, progress: Progress, entries: readonly Entry[]): boolean {
  const { state } = context;
  const previousLogIndex = progress.nextIndex - 1;
  const previousLogTerm = termAt(state.log, previousLogIndex);
  // A missing entry must never pass for "no entry before": the follower would take anything.
  if (previousLogTerm === null) return beginSnapshotTransfer(context, progress);
  const { commitIndex, id, term } = state;
  progress.lastProgressAt = state.now;
  progress.commitIndexSent = Math.max(
    progress.commitIndexSent,
    Math.min(commitIndex, progress.state === "replicate" ? previousLogIndex + entries.length : progress.matchIndex),
  );
  send(context, {
    type: "appendRequest",
    from: id,
    to: progress.id,
    term,
    previousLogIndex,
    previousLogTerm,
    entries,
    commitIndex,
  });
  return true;
}
