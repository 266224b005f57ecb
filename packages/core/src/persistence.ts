import type { Persist } from "./effects.js";
import { invariant } from "./errors.js";
import { lastIndex, sliceEntries } from "./log.js";
import type { SnapshotMetadata } from "./message.js";
import type { RaftState } from "./state.js";

export function hasPersist(state: RaftState): boolean {
  const { hardStateChanged, truncateFrom, nextIndex, snapshot } = state.persistence;
  return hardStateChanged || truncateFrom > 0 || snapshot !== null || nextIndex <= lastIndex(state.log);
}

/** Whether the disk does not even know that this member exists. */
export function isNothingDurable({ persistence }: RaftState): boolean {
  return persistence.durablePosition === 0 && persistence.durableIndex === 0;
}

/** Gathers all that changed since the last call into one batch. */
export function takePersist(state: RaftState): Persist | null {
  if (!hasPersist(state)) return null;
  const { persistence, log } = state;
  const last = lastIndex(log);
  persistence.lastPosition += 1;
  const persist: Persist = {
    position: persistence.lastPosition,
    hardState: { term: state.term, vote: state.vote },
    snapshot: persistence.snapshot,
    keepLogAfterSnapshot: persistence.keepLogAfterSnapshot,
    truncateFrom: persistence.truncateFrom,
    entries: persistence.nextIndex <= last ? sliceEntries(log, persistence.nextIndex, last, Infinity, Infinity) : [],
  };
  persistence.inFlight.push({ position: persist.position, lastIndex: last });
  persistence.nextIndex = last + 1;
  persistence.truncateFrom = 0;
  persistence.hardStateChanged = false;
  persistence.snapshot = null;
  persistence.keepLogAfterSnapshot = false;
  return persist;
}

/** Where a message that promises what has changed so far must wait: the batch not taken yet, or the last one taken. */
export function positionOfPromise(state: RaftState): number {
  return state.persistence.lastPosition + (hasPersist(state) ? 1 : 0);
}

/** Everything up to `position` is durable. Completions may come late or out of order: each speaks for all before it. */
export function recordPersisted(state: RaftState, position: number): void {
  const { persistence } = state;
  invariant(
    Number.isSafeInteger(position) && position <= persistence.lastPosition,
    () => `position ${position} was given out (the last is ${persistence.lastPosition})`,
  );
  while (persistence.inFlight.length > 0) {
    const batch = persistence.inFlight[0] as { position: number; lastIndex: number };
    if (batch.position > position) break;
    persistence.inFlight.shift();
    persistence.durablePosition = batch.position;
    persistence.durableIndex = batch.lastIndex;
  }
}

/**
 * Notes a cut. Writes under way no longer speak for the indexes that were cut off: what is appended there next is
 * another entry, and durable only with a write of its own.
 */
export function recordTruncation(state: RaftState, index: number): void {
  const { persistence } = state;
  for (const batch of persistence.inFlight) batch.lastIndex = Math.min(batch.lastIndex, index - 1);
  persistence.durableIndex = Math.min(persistence.durableIndex, index - 1);
  if (persistence.nextIndex > index) {
    persistence.nextIndex = index;
    persistence.truncateFrom = persistence.truncateFrom === 0 ? index : Math.min(persistence.truncateFrom, index);
  }
}

/** Notes that an installed snapshot, durable already, now precedes the log. */
export function recordInstalledSnapshot(state: RaftState, snapshot: SnapshotMetadata, logStays: boolean): void {
  const { persistence } = state;
  // Where a cut or entries up to the snapshot still wait to be persisted, the disk's log can't simply go on behind it.
  const keepLog = logStays && persistence.truncateFrom === 0 && persistence.nextIndex > snapshot.index;
  if (!keepLog) {
    for (const batch of persistence.inFlight) batch.lastIndex = snapshot.index;
    persistence.durableIndex = snapshot.index;
    persistence.nextIndex = snapshot.index + 1;
    persistence.truncateFrom = 0;
  }
  persistence.snapshot = snapshot;
  persistence.keepLogAfterSnapshot = keepLog;
}
