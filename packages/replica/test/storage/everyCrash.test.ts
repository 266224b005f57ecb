import type { Persist, SnapshotMetadata } from "@balsa/core";
import { expect, test } from "vitest";
import { LogStore, SnapshotStore, type OpenedLog } from "../../src/storage/index.js";
import { applyToModel, batch, commands, sameAsModel, snapshotAt, type Model } from "./logModel.js";
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

/** The process has been killed. */
class Killed extends Error {}

/** Drives a log and the snapshots beside it as a member does, on a disk that records, and notes what was promised when. */
class Member {
  readonly disk: RecordingDisk;
  /** By the number of changes since the member came to life. */
  readonly promised: Promised[] = [];
  readonly appended: Appended[] = [];
  log!: LogStore;
  snapshots!: SnapshotStore;
  readonly #firstChange: number;
  readonly #killAfter: number;
  #acknowledged: number;
  #snapshotIndex: number;

  /** `appended` is what the disk may hold, and `before` what had been promised of it. Dies after so many changes. */
  constructor(
    disk: RecordingDisk,
    appended: readonly Appended[] = [],
    before: Promised = { acknowledged: 0, snapshotIndex: 0 },
    killAfter = Infinity,
  ) {
    this.disk = disk;
    this.appended.push(...appended);
    this.#acknowledged = before.acknowledged;
    this.#snapshotIndex = before.snapshotIndex;
    this.#firstChange = disk.length;
    this.#killAfter = killAfter;
    disk.changed = () => {
      this.promised[this.disk.length - this.#firstChange] = this.#promise;
    };
    disk.changed();
    const recovered = recover(disk, (log, snapshots) => {
      this.log = log;
      this.snapshots = snapshots;
    });
    // What it has recovered it tells others, so none of it may be lost from here on.
    this.#acknowledged = lengthOf(recovered, appended, before.acknowledged);
    this.#snapshotIndex = recovered.snapshot?.index ?? 0;
    this.appended.length = this.#acknowledged;
    disk.changed();
  }

  get #promise(): Promised {
    return { acknowledged: this.#acknowledged, snapshotIndex: this.#snapshotIndex };
  }

  /** What was promised by the time of the last change. */
  get lastPromise(): Promised {
    return this.promised.at(-1) as Promised;
  }

  /** Has up to so many operations take effect. */
  pump(count = Infinity): void {
    for (let done = 0; done < count && this.disk.pump(1) > 0; done++) {
      if (this.disk.length - this.#firstChange >= this.#killAfter) throw new Killed();
    }
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
    for (const [count, promised] of this.promised.entries()) {
      for (const files of this.disk.crashesAfter(this.#firstChange + count)) {
        const key = keyOf(files, promised);
        if (!seen.has(key)) visit(files, promised);
        seen.add(key);
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

function recover(
  disk: RecordingDisk | MemoryDisk,
  take: (log: LogStore, snapshots: SnapshotStore) => void = () => undefined,
): Recovered {
  let result: Recovered | null = null as Recovered | null;
  SnapshotStore.open(disk, (error, snapshots) => {
    if (error !== null || snapshots === null) throw error as Error;
    LogStore.open(disk, { segmentBytes: SEGMENT_BYTES, random: () => 0.7 }, (logError, opened) => {
      if (logError !== null || opened === null) throw logError as Error;
      take(opened.store, snapshots);
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

interface Checked {
  readonly tornBytes: number;
}

/** Recovers from the state and checks it all. */
function check(member: Member, files: Files, promised: Promised): Checked {
  const disk = onDisk(files);
  const recovered = recover(disk);
  lengthOf(recovered, member.appended, promised.acknowledged);
  const snapshotIndex = recovered.snapshot?.index ?? 0;
  expect(snapshotIndex).toBeGreaterThanOrEqual(promised.snapshotIndex);
  const group = recovered.opened.recovered.groups.get(GROUP);
  expect(Math.max(group?.baseIndex ?? 0, group?.snapshot?.index ?? 0)).toBeLessThanOrEqual(snapshotIndex);
  expect(disk.names().filter((name) => !/^(log-\d{16}\.segment|snapshot-.*\.snapshot)$/.test(name))).toEqual([]);
  return { tornBytes: recovered.opened.recovered.tornBytes };
}

/** Several segments, truncations, two groups, snapshots with compaction. */
function live(member: Member): void {
  const term = (n: number) => ({ hardState: { term: n, vote: "a" } });
  member.append({ ...term(1), entries: commands(1, 1, 1) });
  member.pump(2);
  member.append({ ...term(1), entries: commands(2, 2, 1) });
  member.append({ hardState: { term: 3, vote: null } }, 2);
  member.pump();
  member.append({ ...term(2), truncateFrom: 3, entries: commands(3, 2, 2) });
  member.pump(3);
  for (let index = 5; index <= 8; index++) member.append({ ...term(2), entries: commands(index, 1, 2) });
  member.pump();
  member.takeSnapshot(snapshotAt(6, 2));
  member.pump(4);
  member.append({ ...term(3), entries: commands(9, 3, 3) });
  member.pump();
  member.log.compact(GROUP, 6, () => undefined);
  member.append({ ...term(3), truncateFrom: 11, entries: [] });
  member.pump();
  member.append({ ...term(4), entries: commands(11, 5, 4) });
  member.pump(5);
  member.append({ hardState: { term: 4, vote: null } }, 2);
  member.pump();
  const installed = snapshotAt(20, 4);
  member.takeSnapshot(installed);
  member.pump();
  member.append({ ...term(5), snapshot: { ...installed }, entries: commands(21, 1, 5) });
  member.pump();
  member.log.compact(GROUP, 20, () => undefined);
  member.pump(2);
  for (let index = 22; index <= 25; index++) member.append({ ...term(5), entries: commands(index, 1, 5) });
  member.pump();
  member.log.close(() => undefined);
  member.pump();
}

/** The first life of a member, up to so many changes. */
function firstLife(killAfter = Infinity): Member {
  const member = new Member(new RecordingDisk(), [], undefined, killAfter);
  try {
    live(member);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  return member;
}

/** The life that follows: what was lost is sent to the member again, as a leader does. */
function nextLife(disk: RecordingDisk, appended: readonly Appended[], promised: Promised): Member {
  const member = new Member(disk, appended, promised);
  const again = appended[member.appended.length];
  if (again !== undefined) member.append(again.persist, again.group);
  member.pump();
  return member;
}

/** Checks every crash of this life; returns how many there are. */
function checkAll(member: Member, visit: (files: Files, promised: Promised, checked: Checked) => void): number {
  let states = 0;
  member.forEachCrash((files, promised) => {
    states++;
    visit(files, promised, check(member, files, promised));
  });
  return states;
}

test("a crash at any point, whatever it keeps of unsynced changes and wherever it tears a write, loses nothing promised", () => {
  const member = firstLife();
  // Several segments came and went.
  const segments = ["log-0000000000000006.segment", "log-0000000000000007.segment"];
  expect(member.disk.names().filter((name) => name.startsWith("log-"))).toEqual(segments);
  const torn: { readonly files: Files; readonly promised: Promised }[] = [];
  const states = checkAll(member, (files, promised, { tornBytes }) => {
    if (tornBytes > 0) torn.push({ files, promised });
  });
  expect(states).toBeGreaterThan(4_000);

  // Recovery is part of a life like any other, and may be cut off, too.
  let statesOfNextLives = 0;
  for (let i = 0; i < torn.length; i += Math.ceil(torn.length / TORN_STATES_CONTINUED)) {
    const { files, promised } = torn[i] as (typeof torn)[0];
    statesOfNextLives += checkAll(nextLife(new RecordingDisk(files), member.appended, promised), () => undefined);
  }
  expect(statesOfNextLives).toBeGreaterThan(5_000);
});

test("a process that is killed at any point tells in its next life only what a crash then does not take away", () => {
  const changes = firstLife().promised.length - 1;
  let states = 0;
  for (let killAfter = 4; killAfter <= changes; killAfter++) {
    const member = firstLife(killAfter);
    member.disk.kill();
    states += checkAll(nextLife(member.disk, member.appended, member.lastPromise), () => undefined);
  }
  expect(states).toBeGreaterThan(5_000);
});
