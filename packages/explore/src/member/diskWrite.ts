import { invariant, type Persist, type SnapshotMetadata, type StoredState } from "@balsa/core";

/** What the disk holds once this batch is durable. */
export function applyWrite(disk: StoredState, write: Persist): StoredState {
  const { hardState, snapshot, truncateFrom, entries } = write;
  let log = disk;
  if (snapshot !== null) log = followSnapshot(disk, snapshot, write.keepLogAfterSnapshot);
  let kept = log.entries;
  if (truncateFrom > 0) kept = kept.slice(0, Math.max(0, truncateFrom - log.baseIndex - 1));
  const next = entries[0]?.index ?? 0;
  invariant(next === 0 || next === log.baseIndex + kept.length + 1, () => `entry ${next} follows what the disk holds`);
  return { ...log, hardState, entries: entries.length === 0 ? kept : [...kept, ...entries] };
}

/** A snapshot is durable; the entries that it contains are not needed any more. */
export function storeSnapshot(disk: StoredState, snapshot: SnapshotMetadata): StoredState {
  const place = snapshot.index - disk.baseIndex - 1;
  if (disk.entries[place]?.term !== snapshot.term) return { ...disk, snapshot };
  return followSnapshot({ ...disk, snapshot }, snapshot, true);
}

/** Whether the disk holds the entry of `term` at `index`, or a snapshot that contains it. */
export function holdsDurably(disk: StoredState, index: number, term: number): boolean {
  if (index <= Math.max(disk.baseIndex, disk.snapshot?.index ?? 0)) return true;
  return disk.entries[index - disk.baseIndex - 1]?.term === term;
}

function followSnapshot(disk: StoredState, { index, term }: SnapshotMetadata, keepLog: boolean): StoredState {
  const entries = keepLog ? disk.entries.slice(index - disk.baseIndex) : [];
  return { ...disk, baseIndex: index, baseTerm: term, entries };
}
