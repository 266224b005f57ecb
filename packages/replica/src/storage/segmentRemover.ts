import type { Disk, Done } from "../disk.js";
import type { SegmentSummary } from "./recoveredLog.js";
import { StorageFailedError } from "./storageFailedError.js";

/** The segments that are no longer written, oldest first, and their removal once nobody needs them. */
export class SegmentRemover {
  readonly #disk: Disk;
  readonly #segments: SegmentSummary[];
  readonly #compactedIndex = new Map<number, number>();

  constructor(disk: Disk, segments: readonly SegmentSummary[]) {
    this.#disk = disk;
    this.#segments = [...segments];
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.endOffset, 0);
  }

  /** Whether the oldest segment holds nothing that is needed. */
  get isDue(): boolean {
    return this.#segments.length > 0 && this.groupsInOldest.length === 0;
  }

  /** The groups with entries in the oldest that are needed. */
  get groupsInOldest(): readonly number[] {
    const groups: number[] = [];
    for (const [group, index] of this.#segments[0]?.highestIndex ?? []) {
      if (index > this.compactedIndex(group)) groups.push(group);
    }
    return groups;
  }

  compactedIndex(group: number): number {
    return this.#compactedIndex.get(group) ?? 0;
  }

  compact(group: number, throughIndex: number): void {
    this.#compactedIndex.set(group, Math.max(throughIndex, this.compactedIndex(group)));
  }

  push(segment: SegmentSummary): void {
    this.#segments.push(segment);
  }

  /** Removes the oldest. Each removal is made durable before the next, so that a crash never leaves a gap. */
  removeOldest(done: Done): void {
    const { name } = this.#segments[0] as SegmentSummary;
    this.#disk.remove(name, (error) => {
      if (error !== null) return done(new StorageFailedError(`remove ${name}`, error));
      this.#disk.syncDirectory((syncError) => {
        if (syncError !== null) return done(new StorageFailedError("sync the data directory", syncError));
        this.#segments.shift();
        done(null);
      });
    });
  }
}
