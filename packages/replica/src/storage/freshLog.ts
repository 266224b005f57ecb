import { entryBytes, type Entry, type HardState, type SnapshotMetadata } from "@balsa/core";
import type { Disk, Done } from "../disk.js";
import { SPARE_NAME } from "./fileName.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import { LogStore } from "./logStore.js";

/** What a log is to hold of one group. */
export interface LogContent {
  readonly hardState: HardState;
  /** The snapshot that the entries follow; null: they begin at 1. */
  readonly snapshot: SnapshotMetadata | null;
  /** Contiguous, behind the snapshot. */
  readonly entries: readonly Entry[];
}

export interface FreshLogOptions {
  /** The number of its first file. Default 1. */
  readonly firstSequence?: number;
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number;
}

/** The member that goes on in it makes longer ones. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
const BATCH_BYTES = 1024 * 1024;

/** Writes a log where there is none, durably. `done` may get `StorageFailedError`. */
export function writeFreshLog(
  disk: Disk,
  options: FreshLogOptions,
  groups: ReadonlyMap<number, LogContent>,
  done: Done,
): void {
  const { firstSequence = 1, random } = options;
  LogStore.open(disk, { segmentBytes: SEGMENT_BYTES, firstSequence, random }, (error, opened) => {
    if (opened === null) return done(error);
    const { store } = opened;
    const steps: DiskStep[] = [];
    for (const [group, content] of groups) steps.push(...appending(store, group, content));
    inTurn(steps, (failure) => {
      store.close((closeError) => {
        const first = failure ?? closeError;
        if (first !== null) done(first);
        else removeSpare(disk, done);
      });
    });
  });
}

function appending(store: LogStore, group: number, { hardState, snapshot, entries }: LogContent): DiskStep[] {
  const nothing = { position: 0, hardState, snapshot: null, keepLogAfterSnapshot: false, truncateFrom: 0, entries: [] };
  const steps: DiskStep[] = [["write the log", (next) => store.append(group, { ...nothing, snapshot }, next)]];
  let batch: Entry[] = [];
  let bytes = 0;
  const flush = (): void => {
    const gathered = batch;
    if (gathered.length === 0) return;
    steps.push(["write the log", (next) => store.append(group, { ...nothing, entries: gathered }, next)]);
    batch = [];
    bytes = 0;
  };
  for (const entry of entries) {
    if (bytes + entryBytes(entry) > BATCH_BYTES) flush();
    batch.push(entry);
    bytes += entryBytes(entry);
  }
  flush();
  return steps;
}

function removeSpare(disk: Disk, done: Done): void {
  disk.list((error, names) => {
    if (error !== null) return done(error);
    const steps: DiskStep[] = [["sync the data directory", (next) => disk.syncDirectory(next)]];
    if (names.includes(SPARE_NAME)) steps.unshift([`remove ${SPARE_NAME}`, (next) => disk.remove(SPARE_NAME, next)]);
    inTurn(steps, done);
  });
}
