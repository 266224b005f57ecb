import type { Persist, SnapshotMetadata } from "@balsa/core";
import { expect, test } from "vitest";
import { LogStore, SnapshotStore, type OpenedLog } from "../../src/storage/index.js";
import { applyToModel, batch, commands, emptyGroup, sameAsModel, snapshotAt, type Model } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";
import { RecordingDisk, type Files } from "./recordingDisk.js";

const GROUP = 1;
const SEGMENT_BYTES = 240;
const TORN_STATES_CONTINUED = 60;

interface Appended {
  readonly group: number;
  readonly persist: Persist;
}

/** What had been promised when a change took effect. */
interface Promised {
  readonly acknowledged: number;
  readonly snapshotIndex: number;
}

/** Drives a log and the snapshots beside it as a member does, on a disk that records, and notes what was promised when. */
class Member {
  readonly disk: RecordingDisk;
  readonly promised: Promised[] = [];
  readonly appended: Appended[] = [];
  log!: LogStore;
  snapshots!: SnapshotStore;
  #acknowledged = 0;
  #snapshotIndex = 0;

  /** `appended` is what the files are known to hold, and `snapshotIndex` where their snapshot ends. */
  constructor(files: Files = new Map(), appended: readonly Appended[] = [], snapshotIndex = 0) {
    this.disk = new RecordingDisk(files);
    this.appended.push(...appended);
    this.#acknowledged = appended.length;
    this.#snapshotIndex = snapshotIndex;
    const first = this.disk.length;
    this.disk.changed = () => {
      const promise = { acknowledged: this.#acknowledged, snapshotIndex: this.#snapshotIndex };
      this.promised[this.disk.length - first] = promise;
    };
    this.disk.changed();
    SnapshotStore.open(this.disk, (error, snapshots) => {
      if (error !== null || snapshots === null) throw error as Error;
      this.snapshots = snapshots;
    });
    this.disk.pump();
    LogStore.open(this.disk, { segmentBytes: SEGMENT_BYTES, random: () => 0.3 }, (error, opened) => {
      if (error !== null || opened === null) throw error as Error;
      this.log = opened.store;
    });
    this.disk.pump();
  }

  append(given: Partial<Persist>, group = GROUP): void {
    const persist = batch(given);
    const number = this.appended.push({ group, persist });
    this.log.append(group, persist, (error) => {
      expect(error).toBeNull();
      this.#acknowledged = number;
    });
  }

  takeSnapshot({ index, term, configuration }: SnapshotMetadata): void {
    const writer = this.snapshots.begin(GROUP, { index, term, configuration });
    writer.write(contentOf(index), () => undefined);
    writer.finish((error) => {
      expect(error).toBeNull();
      this.#snapshotIndex = index;
    });
  }

  /** Calls back with every state that a crash may leave at any point, and with what was promised by then. */
  forEachCrash(visit: (files: Files, promised: Promised) => void): void {
    const seen = new Set<string>();
    const first = this.disk.length - this.promised.length + 1;
    for (const [i, promised] of this.promised.entries()) {
      for (const files of this.disk.crashesAfter(first + i)) {
        const key = keyOf(files, promised);
        if (seen.has(key)) continue;
        seen.add(key);
        visit(files, promised);
      }
    }
  }
}

function keyOf(files: Files, { acknowledged, snapshotIndex }: Promised): string {
  const parts = [...files].map(([name, bytes]) => `${name} ${Buffer.from(bytes).toString("latin1")}`).sort();
  return `${String(acknowledged)} ${String(snapshotIndex)} ${parts.join("\n")}`;
}

function contentOf(index: number): Uint8Array {
  return Uint8Array.from({ length: 30 }, (_, i) => i + index);
}

interface Recovered {
  readonly opened: OpenedLog;
  readonly snapshot: SnapshotMetadata | null;
}

function recover(disk: MemoryDisk): Recovered {
  let result: Recovered | null = null as Recovered | null;
  SnapshotStore.open(disk, (error, snapshots) => {
    if (error !== null || snapshots === null) throw error as Error;
    LogStore.open(disk, { segmentBytes: SEGMENT_BYTES, random: () => 0.7 }, (logError, opened) => {
      if (logError !== null || opened === null) throw logError as Error;
      result = { opened, snapshot: snapshots.latest(GROUP) };
    });
  });
  disk.pump();
  if (result === null) throw new Error("it did not open");
  return result;
}

function onDisk(files: Files): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [name, bytes] of files) disk.put(name, bytes);
  return disk;
}

/** How much of what was appended is there: the model after so many batches is the one that was recovered. */
function lengthOf({ opened }: Recovered, appended: readonly Appended[], atLeast: number): number {
  const model: Model = new Map();
  for (let length = 0; length <= appended.length; length++) {
    if (length >= atLeast && sameAsModel(opened.recovered, model)) return length;
    const next = appended[length];
    if (next !== undefined) applyToModel(model, next.group, next.persist);
  }
  throw new Error("the log is at none of the states it may be at");
}

/** Recovers from the state and checks it all; returns how many of the batches are there. */
function check(member: Member, files: Files, promised: Promised): { readonly length: number; readonly torn: boolean } {
  const disk = onDisk(files);
  const recovered = recover(disk);
  const length = lengthOf(recovered, member.appended, promised.acknowledged);
  const snapshotIndex = recovered.snapshot?.index ?? 0;
  expect(snapshotIndex).toBeGreaterThanOrEqual(promised.snapshotIndex);
  const group = recovered.opened.recovered.groups.get(GROUP);
  expect(Math.max(group?.baseIndex ?? 0, group?.snapshot?.index ?? 0)).toBeLessThanOrEqual(snapshotIndex);
  expect(disk.names().filter((name) => !/^(log-\d{16}\.segment|snapshot-.*\.snapshot)$/.test(name))).toEqual([]);
  return { length, torn: recovered.opened.recovered.tornBytes > 0 };
}

/** Several segments, truncations, two groups, snapshots with compaction. */
function live(): Member {
  const member = new Member();
  const { disk } = member;
  const term = (n: number) => ({ hardState: { term: n, vote: "a" } });
  member.append({ ...term(1), entries: commands(1, 1, 1) });
  disk.pump(2);
  member.append({ ...term(1), entries: commands(2, 2, 1) });
  member.append({ hardState: { term: 3, vote: null } }, 2);
  disk.pump();
  member.append({ ...term(2), truncateFrom: 3, entries: commands(3, 2, 2) });
  disk.pump(3);
  for (let index = 5; index <= 8; index++) member.append({ ...term(2), entries: commands(index, 1, 2) });
  disk.pump();
  member.takeSnapshot(snapshotAt(6, 2));
  disk.pump(4);
  member.append({ ...term(3), entries: commands(9, 3, 3) });
  disk.pump();
  member.log.compact(GROUP, 6, () => undefined);
  member.append({ ...term(3), truncateFrom: 11, entries: [] });
  disk.pump();
  member.append({ ...term(4), entries: commands(11, 5, 4) });
  disk.pump(5);
  member.append({ hardState: { term: 4, vote: null } }, 2);
  disk.pump();
  const installed = snapshotAt(20, 4);
  member.takeSnapshot(installed);
  disk.pump();
  member.append({ ...term(5), snapshot: { ...installed }, entries: commands(21, 1, 5) });
  disk.pump();
  member.log.compact(GROUP, 20, () => undefined);
  disk.pump(2);
  member.append({ ...term(5), entries: commands(22, 4, 5) });
  disk.pump();
  member.log.close(() => undefined);
  disk.pump();
  return member;
}

test("a crash at any point, whatever it keeps of unsynced changes and wherever it tears a write, loses nothing promised", () => {
  const member = live();
  // Several segments came and went.
  const segments = ["log-0000000000000006.segment", "log-0000000000000007.segment"];
  expect(member.disk.names().filter((name) => name.startsWith("log-"))).toEqual(segments);
  const torn: { readonly files: Files; readonly length: number; readonly promised: Promised }[] = [];
  let states = 0;
  member.forEachCrash((files, promised) => {
    states++;
    const { length, torn: isTorn } = check(member, files, promised);
    if (isTorn && files.has("spare.segment")) torn.push({ files, length, promised });
  });
  let again = 0;
  const every = Math.max(1, Math.floor(torn.length / TORN_STATES_CONTINUED));
  for (const [i, { files, length, promised }] of torn.entries()) {
    if (i % every !== 0) continue;
    // Recovery is a life like any other, and may be cut off, too.
    const next = new Member(files, member.appended.slice(0, length), promised.snapshotIndex);
    const { lastIndex, hardState } = lastOf(next.appended);
    const term = hardState.term + 1;
    next.append({ hardState: { term, vote: null }, entries: commands(lastIndex + 1, 2, term) });
    next.disk.pump();
    next.forEachCrash((left, promisedThen) => {
      again++;
      check(next, left, promisedThen);
    });
  }
  console.log(states, again);
  expect(states).toBeGreaterThan(4_000);
  expect(again).toBeGreaterThan(10_000);
});

function lastOf(appended: readonly Appended[]) {
  const model: Model = new Map();
  for (const { group, persist } of appended) applyToModel(model, group, persist);
  return model.get(GROUP) ?? emptyGroup();
}
