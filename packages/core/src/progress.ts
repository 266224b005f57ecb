import type { NodeId } from "./entry.js";
import type { SnapshotMetadata } from "./message.js";

/**
 * How a follower is fed.
 * - `probe`: where its log agrees is not known; one append at a time looks for it.
 * - `replicate`: it agrees up to `matchIndex`; appends are pipelined, and `nextIndex` runs ahead.
 * - `snapshot`: what it lacks has been compacted; it gets a snapshot, and no appends until it has it.
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

/** An append under way. */
export interface InflightAppend {
  lastIndex: number;
  bytes: number;
}

/** A snapshot under way to a follower, one chunk at a time. */
export interface SnapshotTransfer {
  snapshot: SnapshotMetadata;
  /** Where the chunk that is being read or sent begins. */
  offset: number;
  /** When a chunk was last asked for, sent or acknowledged. */
  lastActivityAt: number;
}

/** What the leader knows of one peer. Invariant: `0 <= matchIndex < nextIndex`. */
export interface Progress {
  readonly id: NodeId;
  state: ProgressState;
  /** The follower's log is durable and equal to the leader's up to here. */
  matchIndex: number;
  /** The first entry of the next append. In `probe` a guess, in `replicate` behind all that has been sent. */
  nextIndex: number;
  /** In `probe`: an append is under way, and no other leaves before its answer or the next heartbeat's. */
  probeInFlight: boolean;
  /** In `replicate`: appends under way, oldest first. */
  inflight: InflightAppend[];
  inflightBytes: number;
  /** The commit index that the follower has been told. */
  commitIndexSent: number;
  /** When `matchIndex` last rose or an append was last sent. */
  lastProgressAt: number;
  /** When the leader last heard from it. */
  lastContactAt: number;
  /** The highest round of heartbeats that it has answered. */
  ackedRound: number;
  /** When the highest round that it has answered, of those still remembered, was sent; null before the first. */
  ackedRoundSentAt: number | null;
  /** The latest round of heartbeats in answer to which it has agreed to rest; 0 where it has not since it last refused. */
  restingRound: number;
  /** In `snapshot`: what is being sent. */
  transfer: SnapshotTransfer | null;
}

export function newProgress(id: NodeId, nextIndex: number, now: number): Progress {
  return {
    id,
    state: "probe",
    matchIndex: 0,
    nextIndex,
    probeInFlight: false,
    inflight: [],
    inflightBytes: 0,
    commitIndexSent: 0,
    lastProgressAt: now,
    lastContactAt: now,
    ackedRound: 0,
    ackedRoundSentAt: null,
    restingRound: 0,
    transfer: null,
  };
}

export function becomeProbe(progress: Progress, nextIndex: number): void {
  progress.state = "probe";
  progress.nextIndex = Math.max(nextIndex, progress.matchIndex + 1);
  progress.probeInFlight = false;
  clearInflight(progress);
  progress.transfer = null;
}

export function becomeReplicate(progress: Progress): void {
  progress.state = "replicate";
  progress.nextIndex = progress.matchIndex + 1;
  progress.probeInFlight = false;
  clearInflight(progress);
  progress.transfer = null;
}

export function becomeSnapshot(progress: Progress, snapshot: SnapshotMetadata, now: number): void {
  progress.state = "snapshot";
  progress.probeInFlight = false;
  clearInflight(progress);
  progress.transfer = { snapshot, offset: 0, lastActivityAt: now };
}

/** Notes an append that has left in `replicate`: the next one follows it without waiting. */
export function recordSent(progress: Progress, lastIndex: number, bytes: number): void {
  progress.inflight.push({ lastIndex, bytes });
  progress.inflightBytes += bytes;
  progress.nextIndex = lastIndex + 1;
}

/** Notes that the follower holds everything up to `matchIndex`. Returns whether that is news. */
export function recordMatch(progress: Progress, matchIndex: number): boolean {
  while (progress.inflight.length > 0 && (progress.inflight[0] as InflightAppend).lastIndex <= matchIndex) {
    progress.inflightBytes -= (progress.inflight.shift() as InflightAppend).bytes;
  }
  if (matchIndex <= progress.matchIndex) return false;
  progress.matchIndex = matchIndex;
  progress.nextIndex = Math.max(progress.nextIndex, matchIndex + 1);
  return true;
}

function clearInflight(progress: Progress): void {
  progress.inflight.length = 0;
  progress.inflightBytes = 0;
}
