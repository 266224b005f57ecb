import type { Entry, HardState, SnapshotMetadata } from "@balsa/core";

/** What the log of one group holds when it is opened. */
export interface RecoveredGroup {
  readonly hardState: HardState;
  /** The last snapshot that replaced the beginning of the log; null when none ever did. */
  readonly snapshot: SnapshotMetadata | null;
  /** The entry before the first of `entries`; 0 and 0 when the log begins at its very beginning. */
  readonly baseIndex: number;
  readonly baseTerm: number;
  /** Contiguous from `baseIndex + 1`. It may reach further back than what was last compacted. */
  readonly entries: readonly Entry[];
}

export interface RecoveredLog {
  readonly groups: ReadonlyMap<number, RecoveredGroup>;
  /** Bytes that a crash left half-written at the end, and that were cut off. None of them had been acknowledged. */
  readonly tornBytes: number;
}

/** What is remembered of a segment while the log is open. */
export interface SegmentSummary {
  readonly sequence: number;
  readonly name: string;
  /** Where its records end. */
  endOffset: number;
  /** The highest index of an entry in it, by group. */
  readonly highestIndex: Map<number, number>;
}

export function noteHighest(segment: SegmentSummary, group: number, entries: readonly Entry[]): void {
  const last = entries.at(-1);
  if (last === undefined) return;
  segment.highestIndex.set(group, Math.max(last.index, segment.highestIndex.get(group) ?? 0));
}
