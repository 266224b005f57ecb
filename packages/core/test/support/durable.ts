import type { Entry, Persist, SnapshotMetadata, StoredState } from "@balsa/core";

/** What a member's disk holds: exactly what `persist` effects asked for, in their order. */
export class Durable {
  hardState: Persist["hardState"] = { term: 0, vote: null };
  snapshot: SnapshotMetadata | null = null;
  baseIndex = 0;
  baseTerm = 0;
  entries: Entry[] = [];

  /** Carries out one persist as its documentation says: snapshot, then cut, then entries. */
  store(persist: Persist): void {
    this.hardState = persist.hardState;
    const { snapshot } = persist;
    if (snapshot !== null) {
      this.takeSnapshot(snapshot);
      if (!persist.keepLogAfterSnapshot) {
        this.baseIndex = snapshot.index;
        this.baseTerm = snapshot.term;
        this.entries = [];
      }
    }
    if (persist.truncateFrom > 0) {
      this.entries = this.entries.filter(({ index }) => index < persist.truncateFrom);
    }
    for (const entry of persist.entries) {
      if (entry.index !== this.lastIndex + 1) {
        throw new Error(`the disk is asked to store entry ${entry.index} behind ${this.lastIndex}`);
      }
      this.entries.push(entry);
    }
  }

  takeSnapshot(snapshot: SnapshotMetadata): void {
    if (this.snapshot === null || snapshot.index > this.snapshot.index) this.snapshot = snapshot;
  }

  /** Forgets what a snapshot has made superfluous. */
  compactThrough(index: number, term: number): void {
    if (index <= this.baseIndex || index > this.lastIndex) return;
    this.entries = this.entries.filter((entry) => entry.index > index);
    this.baseIndex = index;
    this.baseTerm = term;
  }

  get lastIndex(): number {
    return this.baseIndex + this.entries.length;
  }

  stored(): StoredState {
    const { hardState, snapshot, baseIndex, baseTerm, entries } = this;
    return { hardState, snapshot, baseIndex, baseTerm, entries: [...entries] };
  }
}
