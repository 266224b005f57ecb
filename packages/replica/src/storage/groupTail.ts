import { invariant, type Entry, type HardState, type Persist, type SnapshotMetadata } from "@balsa/core";

/** Entries from `fromIndex` up to the next run have this term. */
export interface TermRun {
  readonly fromIndex: number;
  readonly term: number;
}

/**
 * What the log of one group has come to, without its entries: enough to start a new segment that stands for all before
 * it, and to check that what is appended follows.
 */
export class GroupTail {
  hardState: HardState;
  snapshot: SnapshotMetadata | null;
  lastIndex: number;
  /**
   * Never empty, rising in index and ending at or before `lastIndex`. The first stands at the entry before the log, or
   * at a compacted one. They tell the last term after a cut.
   */
  readonly runs: TermRun[];

  constructor(hardState: HardState, snapshot: SnapshotMetadata | null, lastIndex: number, runs: readonly TermRun[]) {
    this.hardState = hardState;
    this.snapshot = snapshot;
    this.lastIndex = lastIndex;
    this.runs = [...runs];
    let before = -1;
    for (const { fromIndex } of runs) {
      invariant(fromIndex > before, "runs of terms rise in index");
      before = fromIndex;
    }
    invariant(before !== -1 && before <= lastIndex, "the runs of terms reach into the log");
  }

  static empty(): GroupTail {
    return new GroupTail({ term: 0, vote: null }, null, 0, [{ fromIndex: 0, term: 0 }]);
  }

  get lastTerm(): number {
    return (this.runs.at(-1) as TermRun).term;
  }

  apply(persist: Persist): void {
    const { hardState, snapshot, truncateFrom, entries } = persist;
    invariant(hardState.term >= this.hardState.term, "the term to be stored is not below the one that is");
    this.hardState = hardState;
    if (snapshot !== null) this.#follow(snapshot, persist.keepLogAfterSnapshot);
    if (truncateFrom > 0 && truncateFrom <= this.lastIndex) this.#cut(truncateFrom);
    this.appendEntries(entries);
  }

  appendEntries(entries: readonly Entry[]): void {
    for (const { index, term } of entries) {
      invariant(index === this.lastIndex + 1, `entry ${String(index)} follows entry ${String(this.lastIndex)}`);
      if (term !== this.lastTerm) this.runs.push({ fromIndex: index, term });
      this.lastIndex = index;
    }
  }

  /** Entries up to this one won't be asked for or cut off again. */
  forget(throughIndex: number): void {
    let gone = 0;
    while (gone + 1 < this.runs.length && (this.runs[gone + 1] as TermRun).fromIndex <= throughIndex) gone++;
    this.runs.splice(0, gone);
  }

  #follow(snapshot: SnapshotMetadata, keepLog: boolean): void {
    this.snapshot = snapshot;
    if (keepLog) {
      invariant(snapshot.index <= this.lastIndex, "the log that is kept reaches the snapshot");
      this.forget(snapshot.index);
    } else {
      this.lastIndex = snapshot.index;
      this.runs.splice(0, this.runs.length, { fromIndex: snapshot.index, term: snapshot.term });
    }
  }

  #cut(truncateFrom: number): void {
    const { runs } = this;
    invariant(truncateFrom > (runs[0] as TermRun).fromIndex, "what was compacted is not cut off");
    this.lastIndex = truncateFrom - 1;
    while ((runs.at(-1) as TermRun).fromIndex > this.lastIndex) runs.pop();
  }
}
