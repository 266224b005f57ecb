import { hearFromPeer, progressOf } from "./membership.js";
import type { SnapshotResponse } from "./message.js";
import { send } from "./pending.js";
import { becomeProbe, becomeSnapshot, type Progress, type SnapshotTransfer } from "./progress.js";
import type { RaftContext } from "./state.js";

/** Begins, or begins again, to bring a peer the snapshot, for the entries it lacks are compacted (§7). */
export function beginSnapshotTransfer(context: RaftContext, progress: Progress): boolean {
  const { state } = context;
  const { snapshot } = state;
  if (snapshot === null) return false;
  becomeSnapshot(progress, snapshot, state.now);
  requestChunk(context, progress, 0);
  return true;
}

/** The caller has read the chunk that was wanted. What no longer fits, for the transfer moved on, is dropped. */
export function snapshotChunkRead(
  context: RaftContext,
  to: string,
  snapshotIndex: number,
  offset: number,
  data: Uint8Array,
): void {
  const { state } = context;
  const found = transferTo(context, to, snapshotIndex);
  if (found === null || found.transfer.offset !== offset) return;
  found.transfer.lastActivityAt = state.now;
  const { snapshot } = found.transfer;
  send(context, { type: "snapshotRequest", from: state.id, to, term: state.term, snapshot, offset, data });
}

/** The snapshot can't be read any more, being replaced, say: the newest one is tried after the next heartbeats. */
export function snapshotReadFailed(context: RaftContext, to: string, snapshotIndex: number): void {
  const found = transferTo(context, to, snapshotIndex);
  if (found === null) return;
  becomeProbe(found.progress, found.progress.matchIndex + 1);
  found.progress.probeInFlight = true;
}

export function receiveSnapshotResponse(context: RaftContext, message: SnapshotResponse): void {
  const { state } = context;
  const found = transferTo(context, message.from, message.snapshotIndex);
  hearFromPeer(context, message.from);
  if (found === null) return;
  const { transfer } = found;
  if (message.failed) {
    snapshotReadFailed(context, message.from, message.snapshotIndex);
    return;
  }
  if (message.nextOffset > transfer.snapshot.sizeBytes) return;
  transfer.lastActivityAt = state.now;
  // An answer that says nothing new is a repeated one: to send the chunk again would double all that follow.
  if (message.nextOffset === transfer.offset || message.nextOffset === transfer.snapshot.sizeBytes) return;
  requestChunk(context, found.progress, message.nextOffset);
}

function requestChunk(context: RaftContext, progress: Progress, offset: number): void {
  const { state, options } = context;
  const { transfer } = progress;
  if (transfer === null) return;
  transfer.offset = offset;
  transfer.lastActivityAt = state.now;
  state.pending.snapshotReads.push({
    to: progress.id,
    snapshot: transfer.snapshot,
    offset,
    maxBytes: options.snapshotChunkBytes,
  });
}

function transferTo(
  context: RaftContext,
  to: string,
  snapshotIndex: number,
): { progress: Progress; transfer: SnapshotTransfer } | null {
  const { leadership } = context.state;
  const progress = leadership === null ? null : progressOf(leadership, to);
  const transfer = progress?.transfer ?? null;
  if (progress === null || transfer === null || transfer.snapshot.index !== snapshotIndex) return null;
  return { progress, transfer };
}
