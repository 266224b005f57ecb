import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Entry } from "@balsa/core";
import { LogStore, type OpenedLog } from "@balsa/replica";
import { BytesDisk } from "./bytesDisk.js";
import { commandEntries } from "./commandEntries.js";
import { median, secondsOf, type Figure } from "./figure.js";

const GROUP = 1;
const ENTRIES = 1_000_000;
const COMMAND_BYTES = 256;
const ROUNDS = 3;
const MEBIBYTE = 1024 * 1024;

/** What it takes to come back with a long log, on a disk that costs nothing: time, and memory beside the commands' bytes. */
export function* benchmarkRecovery(): Generator<Figure> {
  for (const batchSize of [1, 64]) {
    const how = `of ${ENTRIES.toLocaleString("en")} entries of ${String(COMMAND_BYTES)} bytes, ${String(batchSize)} a batch`;
    const disk = writtenLog(batchSize);
    const before = bytesInUse();
    const first = openLog(disk);
    const heldBytes = bytesInUse() - before;
    if (entriesOf(first) !== ENTRIES) throw new Error("The log did not come back whole");
    const times = Array.from({ length: ROUNDS }, () => secondsOf(() => openLog(disk)));
    yield { name: `storage: recovery ${how}`, value: Number(median(times).toFixed(2)), unit: "s" };
    if (batchSize === 1)
      yield { name: `storage: memory held after it`, value: Math.round(heldBytes / MEBIBYTE), unit: "MiB" };
  }
}

function writtenLog(batchSize: number): BytesDisk {
  const disk = new BytesDisk();
  const { store } = openLog(disk);
  const hardState = { term: 1, vote: null };
  for (let from = 0; from < ENTRIES; from += batchSize) {
    const entries: readonly Entry[] = commandEntries(batchSize, COMMAND_BYTES, from + 1);
    const persist = { position: 1, hardState, snapshot: null, keepLogAfterSnapshot: false, truncateFrom: 0, entries };
    store.append(GROUP, persist, throwIfFailed);
    disk.run();
  }
  return disk;
}

function openLog(disk: BytesDisk): OpenedLog {
  const opened: OpenedLog[] = [];
  LogStore.open(disk, { random: () => 0.5 }, (error, log) => {
    throwIfFailed(error);
    if (log !== null) opened.push(log);
  });
  disk.run();
  const [log] = opened;
  if (log === undefined) throw new Error("The log did not open");
  return log;
}

function entriesOf(opened: OpenedLog): number {
  return opened.recovered.groups.get(GROUP)?.entries.length ?? 0;
}

/** After a collection of garbage, so that only what is held counts. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function throwIfFailed(error: Error | null): void {
  if (error !== null) throw error;
}
