import type { Entry } from "@balsa/core";
import { LogStore, type OpenedLog } from "@balsa/replica";
import { BytesDisk } from "./bytesDisk.js";
import { commandEntries } from "./commandEntries.js";
import { median, secondsOf, type Figure } from "./figure.js";
import { benchmarkRecovery } from "./recovery.js";

const GROUP = 1;
const COMMAND_BYTES = 64;
const ENTRIES = 256_000;
const ROUNDS = 5;
/** Small, so that the time goes into the log and not into memory for files. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Entries a second that the log takes and reads back, on a disk that costs nothing. */
export function* benchmarkStorage(): Generator<Figure> {
  for (const batchSize of [64, 1]) {
    const batches = batchesOf(batchSize);
    const how = batchSize === 1 ? "one at a time" : `in batches of ${String(batchSize)}`;
    yield { name: `storage: entries appended a second, ${how}`, value: rate(() => append(batches)), unit: "entries/s" };
  }
  const disk = append(batchesOf(64));
  yield { name: "storage: entries recovered a second", value: rate(() => open(disk)), unit: "entries/s" };
  yield* benchmarkRecovery();
}

function rate(action: () => unknown): number {
  action(); // warms up, and does not count
  return Math.round(median(Array.from({ length: ROUNDS }, () => ENTRIES / secondsOf(action))));
}

function batchesOf(batchSize: number): readonly (readonly Entry[])[] {
  const entries = commandEntries(ENTRIES, COMMAND_BYTES);
  return Array.from({ length: ENTRIES / batchSize }, (_, i) => entries.slice(i * batchSize, (i + 1) * batchSize));
}

function append(batches: readonly (readonly Entry[])[]): BytesDisk {
  const disk = new BytesDisk();
  const { store } = open(disk);
  batches.forEach((entries, position) => {
    const hardState = { term: 1, vote: null };
    const persist = { position, hardState, snapshot: null, keepLogAfterSnapshot: false, truncateFrom: 0, entries };
    store.append(GROUP, persist, throwIfFailed);
    disk.run();
  });
  return disk;
}

function open(disk: BytesDisk): OpenedLog {
  const opened: OpenedLog[] = [];
  LogStore.open(disk, { segmentBytes: SEGMENT_BYTES, random: () => 0.5 }, (error, log) => {
    throwIfFailed(error);
    if (log !== null) opened.push(log);
  });
  disk.run();
  const [log] = opened;
  if (log === undefined) throw new Error("The log did not open");
  return log;
}

function throwIfFailed(error: Error | null): void {
  if (error !== null) throw error;
}
