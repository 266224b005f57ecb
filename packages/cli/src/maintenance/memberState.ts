import { join } from "node:path";
import type { SnapshotMetadata } from "@balsa/core";
import { contentOf, parseSnapshotName, type LogContent, type LogInspection } from "@balsa/replica";
import { listFiles } from "./logSurroundings.js";
import { MaintenanceError } from "./maintenanceError.js";
import type { OwnedDirectory } from "./ownedDirectory.js";
import { readLog } from "./readLog.js";
import { openSnapshotFile } from "./snapshotReading.js";

/** What a member's directory holds, as far as it can be read. */
export interface MemberState {
  readonly inspection: LogInspection;
  /** Of each group, what the member would go on with. */
  readonly contents: ReadonlyMap<number, LogContent>;
}

/** @throws SnapshotCorruptError, MissingEntriesError, MaintenanceError where there is nothing to go on with */
export async function readMemberState({ directory, disk }: OwnedDirectory): Promise<MemberState> {
  const inspection = await readLog(disk, () => Promise.resolve());
  const snapshots = await newestSnapshots(directory, await listFiles(disk));
  const contents = new Map<number, LogContent>();
  for (const group of new Set([...inspection.groups.keys(), ...snapshots.keys()])) {
    contents.set(group, contentOf(inspection.groups.get(group), snapshots.get(group) ?? null));
  }
  if (contents.size === 0) {
    const what = `Of the log in ${directory} nothing can be read, and there is no snapshot.`;
    throw new MaintenanceError("UNUSABLE", `${what} There is nothing to go on with: begin anew from a backup.`);
  }
  return { inspection, contents };
}

/** As a member does, it goes by the newest of each group alone: what an older one lacks may be gone from the log. */
async function newestSnapshots(
  directory: string,
  files: readonly string[],
): Promise<ReadonlyMap<number, SnapshotMetadata>> {
  const newest = new Map<number, string>();
  for (const name of files) {
    const parts = parseSnapshotName(name);
    // Names rise with the index.
    if (parts !== null) newest.set(parts.group, name);
  }
  const snapshots = new Map<number, SnapshotMetadata>();
  for (const [group, name] of newest) {
    const opened = await openSnapshotFile(join(directory, name));
    await opened.close();
    snapshots.set(group, opened.stored.metadata);
  }
  return snapshots;
}
