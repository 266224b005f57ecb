import { acceptAppend } from "./appending.js";
import { commitTo } from "./commit.js";
import { invariant } from "./errors.js";
import { lastIndex, resetTo, termAt } from "./log.js";
import { rollBackConfigurations } from "./membership.js";
import type { SnapshotMetadata, SnapshotRequest } from "./message.js";
import { emit, send } from "./pending.js";
import { recordInstalledSnapshot } from "./persistence.js";
import type { IncomingSnapshot, RaftContext } from "./state.js";

/** Takes a chunk of the leader's snapshot. A transfer goes on where it stopped, with another leader too. */
export function receiveSnapshotRequest(context: RaftContext, message: SnapshotRequest): void {
  const { state } = context;
  const { snapshot, offset, data, from } = message;
  if (snapshot.index <= state.commitIndex || termAt(state.log, snapshot.index) === snapshot.term) {
    // All of it is here already: what a snapshot contains is committed.
    commitTo(context, snapshot.index);
    acceptAppend(context, from, snapshot.index);
    return;
  }
  const incoming = continueIncoming(context, snapshot);
  if (!incoming.complete && offset === incoming.nextOffset) {
    incoming.nextOffset += data.length;
    incoming.complete = incoming.nextOffset === snapshot.sizeBytes;
    state.pending.snapshotWrites.push({ snapshot, offset, data, last: incoming.complete });
  }
  answerChunk(context, from, snapshot.index, incoming.nextOffset, false);
}

/**
 * The caller has made the whole snapshot durable. Returns whether it now holds: the caller then replaces its state
 * machine before it applies anything more. When false the log has overtaken it, and it is of no use.
 */
export function snapshotInstalled(context: RaftContext, snapshot: SnapshotMetadata): boolean {
  const { state } = context;
  if (state.incomingSnapshot?.snapshot.index === snapshot.index) state.incomingSnapshot = null;
  if (snapshot.index <= state.commitIndex) return false;
  const keepLog = termAt(state.log, snapshot.index) === snapshot.term;
  invariant(keepLog || state.leadership === null, "a leader has everything that is committed");
  if (!keepLog) resetTo(state.log, snapshot.index, snapshot.term);
  recordInstalledSnapshot(state, snapshot, keepLog);
  adoptSnapshot(context, snapshot, keepLog);
  if (state.leader !== null && state.leader !== state.id) acceptAppend(context, state.leader, snapshot.index);
  return true;
}

/** The caller could not take the snapshot: its checksum was wrong, say. The leader is told, and begins anew. */
export function snapshotFailed(context: RaftContext, snapshotIndex: number): void {
  const { state } = context;
  if (state.incomingSnapshot?.snapshot.index !== snapshotIndex) return;
  state.incomingSnapshot = null;
  if (state.leader !== null && state.leader !== state.id) answerChunk(context, state.leader, snapshotIndex, 0, true);
}

/** The snapshot's configuration is the one as of its index, and counts from there; those behind it stay if the log does. */
function adoptSnapshot(context: RaftContext, snapshot: SnapshotMetadata, keepLog: boolean): void {
  const { state } = context;
  const { index, configuration } = snapshot;
  if (!keepLog) rollBackConfigurations(context, index);
  const behind = keepLog ? state.configurations.filter((at) => at.index > index) : [];
  state.configurations = [{ index, configuration }, ...behind];
  if (behind.length === 0) emit(context, { type: "configurationChanged", configuration, index });
  state.snapshot = snapshot;
  state.commitIndex = index;
  state.handedOutIndex = index;
  state.appliedIndex = index;
  invariant(lastIndex(state.log) >= index, "the log reaches the snapshot that was installed");
  emit(context, { type: "snapshotInstalled", index });
}

function continueIncoming(context: RaftContext, snapshot: SnapshotMetadata): IncomingSnapshot {
  const { state } = context;
  const present = state.incomingSnapshot;
  if (present !== null && isSame(present.snapshot, snapshot)) return present;
  const incoming = { snapshot, nextOffset: 0, complete: false };
  state.incomingSnapshot = incoming;
  return incoming;
}

function isSame(a: SnapshotMetadata, b: SnapshotMetadata): boolean {
  return a.index === b.index && a.term === b.term && a.sizeBytes === b.sizeBytes && a.checksum === b.checksum;
}

function answerChunk(
  context: RaftContext,
  to: string,
  snapshotIndex: number,
  nextOffset: number,
  failed: boolean,
): void {
  const { id, term } = context.state;
  send(context, { type: "snapshotResponse", from: id, to, term, snapshotIndex, nextOffset, failed });
}
