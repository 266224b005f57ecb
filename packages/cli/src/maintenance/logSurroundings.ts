import type { Configuration } from "@balsa/core";
import { parseSnapshotName, type Disk, type LogInspection, type RecoveredGroup } from "@balsa/replica";

/** Entries that stand neither in the log nor in a snapshot. */
export interface GapOfEntries {
  readonly group: number;
  readonly fromIndex: number;
  readonly toIndex: number;
}

export function listFiles(disk: Disk): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    disk.list((error, names) => (error === null ? resolve(names) : reject(error)));
  });
}

/** Where a log begins behind the end of the newest snapshot. */
export function describeGap({ groups }: LogInspection, files: readonly string[]): readonly GapOfEntries[] {
  return [...groups].flatMap(([group, { baseIndex, snapshot }]) => {
    const indexes = files.map(parseSnapshotName).map((parts) => (parts?.group === group ? parts.index : 0));
    const toIndex = Math.max(baseIndex, snapshot?.index ?? 0);
    const fromIndex = Math.max(0, ...indexes) + 1;
    return fromIndex <= toIndex ? [{ group, fromIndex, toIndex }] : [];
  });
}

/** The latest configuration that log or snapshot marker holds; null when neither holds one. */
export function configurationOf({ entries, snapshot }: RecoveredGroup): Configuration | null {
  return (
    entries.findLast(({ configuration }) => configuration !== null)?.configuration ?? snapshot?.configuration ?? null
  );
}
