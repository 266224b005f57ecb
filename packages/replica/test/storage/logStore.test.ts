import { InvalidOptionError, type Entry } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { LogStore, StorageFailedError } from "../../src/storage/index.js";
import { batch, commands, complete, openLog, snapshotAt, tryOpenLog } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const SPARE = "spare.segment";

const segmentsOf = (disk: MemoryDisk): string[] => disk.names().filter((name) => name !== SPARE);
const voteFor = (term: number, vote: string) => batch({ hardState: { term, vote } });
const entriesAt = (fromIndex: number, count: number, term = 1) =>
  batch({ hardState: { term, vote: null }, entries: commands(fromIndex, count, term) });

function append(disk: MemoryDisk, store: LogStore, group: number, persist: Parameters<LogStore["append"]>[1]): void {
  expect(complete(disk, (done) => store.append(group, persist, (error) => done(error, true)))).toBe(true);
}

function compact(disk: MemoryDisk, store: LogStore, group: number, throughIndex: number): void {
  expect(complete(disk, (done) => store.compact(group, throughIndex, (error) => done(error, true)))).toBe(true);
}

/** The operations that the disk carries out from now on, by name, but for those on the spare file. */
function operationsOf(disk: MemoryDisk): string[] {
  const operations: string[] = [];
  disk.failure = (operation, name) => {
    if (name !== SPARE) operations.push(operation);
    return null;
  };
  return operations;
}

describe("what was appended is there after a restart", () => {
  test("an empty log knows no group", () => {
    const disk = new MemoryDisk();
    openLog(disk);
    const { recovered } = openLog(disk);
    expect(recovered.groups.size).toBe(0);
    expect(recovered.tornBytes).toBe(0);
  });

  test("hard state, entries of every kind and a snapshot, group by group", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    const { configuration } = snapshotAt(1, 1);
    const entries: Entry[] = [
      { index: 6, term: 2, kind: "noop", data: new Uint8Array(0), configuration: null },
      { index: 7, term: 2, kind: "configuration", data: new Uint8Array(0), configuration },
      ...commands(8, 1, 2),
    ];
    append(disk, store, 1, voteFor(1, "ä"));
    const snapshot = snapshotAt(5, 2);
    append(disk, store, 2, batch({ hardState: { term: 2, vote: "b" }, snapshot, entries }));
    const { groups } = openLog(disk).recovered;
    const nothing = { snapshot: null, baseIndex: 0, baseTerm: 0, entries: [] };
    expect(groups.get(1)).toEqual({ hardState: { term: 1, vote: "ä" }, ...nothing });
    const state = { hardState: { term: 2, vote: "b" }, snapshot, baseIndex: 5, baseTerm: 2 };
    expect({ ...groups.get(2), entries: null }).toEqual({ ...state, entries: null });
    expect(groups.get(2)?.entries.map((entry) => ({ ...entry, data: [...entry.data] }))).toEqual(
      entries.map((entry) => ({ ...entry, data: [...entry.data] })),
    );
  });

  test("entries that were cut off are gone, and those before a snapshot that keeps the log", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    append(disk, store, 1, entriesAt(1, 6));
    append(disk, store, 1, batch({ hardState: { term: 2, vote: null }, truncateFrom: 4, entries: commands(4, 1, 2) }));
    const snapshot = snapshotAt(2, 1);
    append(disk, store, 1, batch({ hardState: { term: 2, vote: null }, snapshot, keepLogAfterSnapshot: true }));
    const group = openLog(disk).recovered.groups.get(1);
    expect(group).toMatchObject({ baseIndex: 2, baseTerm: 1, snapshot });
    expect(group?.entries.map(({ index, term }) => [index, term])).toEqual([
      [3, 1],
      [4, 2],
    ]);
  });

  test("a batch that is larger than a segment gets a segment that is large enough", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 100);
    append(disk, store, 1, entriesAt(1, 500));
    expect(openLog(disk, 100).recovered.groups.get(1)?.entries.length).toBe(500);
  });
});

describe("group commit", () => {
  test("what is appended while a sync is under way becomes durable with one further write and sync", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    const operations = operationsOf(disk);
    const acknowledged: number[] = [];
    for (let i = 1; i <= 20; i++) store.append(1, entriesAt(i, 1), () => acknowledged.push(i));
    disk.pump();
    expect(operations).toEqual(["write", "sync", "write", "sync"]);
    expect(acknowledged).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test("nothing is acknowledged before its sync", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    let acknowledged = false;
    const seen: [string, boolean][] = [];
    disk.failure = (operation, name) => {
      if (name !== SPARE) seen.push([operation, acknowledged]);
      return null;
    };
    store.append(1, voteFor(1, "a"), () => (acknowledged = true));
    disk.pump();
    expect(seen).toEqual([
      ["write", false],
      ["sync", false],
    ]);
    expect(acknowledged).toBe(true);
  });

  test("write and sync are handed to the disk together, so that it can do both in one go", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    append(disk, store, 1, voteFor(1, "a"));
    disk.failure = (operation) => (operation === "write" ? new Error("broken") : null);
    const before = disk.operationCount;
    store.append(1, voteFor(2, "a"), () => undefined);
    disk.pump();
    expect(disk.operationCount - before).toBe(2);
  });

  test.each(["write", "sync", "both"])("an error of %s is reported once", (failing) => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    append(disk, store, 1, voteFor(1, "a"));
    const cause = new Error("broken");
    disk.failure = (operation) => (failing === "both" || operation === failing ? cause : null);
    const ends: (Error | null)[] = [];
    store.append(1, voteFor(2, "a"), (error) => ends.push(error));
    disk.pump();
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ code: "STORAGE_FAILED", cause });
  });

  test("term and vote are in one record with their entries: a crash keeps all of a batch or none", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk);
    append(disk, store, 1, voteFor(3, "a"));
    store.append(1, batch({ hardState: { term: 4, vote: "b" }, entries: commands(1, 5, 4) }), () => undefined);
    disk.pump(1);
    const kept = disk.copy();
    const [name] = segmentsOf(kept) as [string];
    kept.put(name, kept.content(name).fill(0, 150));
    expect(openLog(kept).recovered.groups.get(1)).toMatchObject({ hardState: { term: 3, vote: "a" }, entries: [] });
  });
});

describe("compaction", () => {
  test("removes the segments whose entries are not needed, oldest first, and keeps hard state", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 400);
    append(disk, store, 9, voteFor(5, "elsewhere"));
    for (let index = 1; index <= 40; index++) append(disk, store, 1, entriesAt(index, 1));
    const before = disk.names();
    const sizeBefore = store.sizeBytes;
    compact(disk, store, 1, 30);
    const after = disk.names();
    expect(after.length).toBeLessThan(before.length);
    expect(before.slice(-after.length)).toEqual(after);
    expect(store.sizeBytes).toBeLessThan(sizeBefore);
    const { groups } = openLog(disk, 400).recovered;
    expect(groups.get(9)?.hardState).toEqual({ term: 5, vote: "elsewhere" });
    const { baseIndex, baseTerm, entries, hardState } = groups.get(1) ?? { baseIndex: 0, entries: [] };
    expect(hardState).toEqual({ term: 1, vote: null });
    expect(baseTerm).toBe(1);
    expect(baseIndex).toBeGreaterThan(0);
    expect(baseIndex).toBeLessThanOrEqual(30);
    expect(baseIndex + entries.length).toBe(40);
  });

  test("may take away entries that a later segment cuts off again", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 1);
    append(disk, store, 1, entriesAt(1, 5));
    append(disk, store, 1, batch({ hardState: { term: 2, vote: null }, truncateFrom: 3, entries: commands(3, 6, 2) }));
    compact(disk, store, 1, 6);
    expect(segmentsOf(disk).length).toBe(1);
    const group = openLog(disk).recovered.groups.get(1);
    expect(group).toMatchObject({ baseIndex: 2, baseTerm: 1 });
    expect(group?.entries.map(({ index, term }) => [index, term])).toEqual([3, 4, 5, 6, 7, 8].map((i) => [i, 2]));
  });

  test("removes nothing that another group needs", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 400);
    append(disk, store, 2, entriesAt(1, 1));
    for (let index = 1; index <= 40; index++) append(disk, store, 1, entriesAt(index, 1));
    const before = segmentsOf(disk);
    compact(disk, store, 1, 40);
    expect(segmentsOf(disk)).toEqual(before);
    compact(disk, store, 2, 1);
    expect(segmentsOf(disk)).toEqual(before.slice(-1));
  });

  test("waits for each removal to be durable before the next, so that a crash leaves no gap", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 400);
    for (let index = 1; index <= 40; index++) append(disk, store, 1, entriesAt(index, 1));
    const operations = operationsOf(disk);
    compact(disk, store, 1, 30);
    expect(operations.slice(0, 4)).toEqual(["remove", "syncDirectory", "remove", "syncDirectory"]);
  });
});

describe("after the disk has failed once", () => {
  for (const failing of ["write", "sync"]) {
    test(`(${failing}) everything waiting and everything later fails, and nothing is tried again`, () => {
      const disk = new MemoryDisk();
      const { store } = openLog(disk);
      const cause = new Error("no space left");
      const attempts: string[] = [];
      disk.failure = (operation, name) => {
        if (name === SPARE) return null;
        attempts.push(operation);
        return operation === failing ? cause : null;
      };
      const errors: (Error | null)[] = [];
      for (let i = 1; i <= 3; i++) store.append(1, entriesAt(i, 1), (error) => errors.push(error));
      disk.pump();
      const attemptsSoFar = attempts.filter((operation) => operation === failing).length;
      expect(attemptsSoFar).toBe(1);
      let late: Error | null = null;
      store.append(1, entriesAt(4, 1), (error) => (late = error));
      expect(late, "not before the call has returned").toBeNull();
      disk.failure = (operation) => {
        attempts.push(operation);
        return null;
      };
      disk.pump();
      expect(errors.length).toBe(3);
      for (const error of [...errors, late]) {
        expect(error).toBeInstanceOf(StorageFailedError);
        expect(error).toMatchObject({ code: "STORAGE_FAILED", cause });
      }
      expect(attempts.filter((operation) => operation === failing).length).toBe(attemptsSoFar);
      expect(complete(disk, (done) => store.close((error) => done(error, true)))).toBeInstanceOf(StorageFailedError);
    });
  }

  test("an operation that fails at any point of a rollover, a removal or an opening ends in an error, never in silence", () => {
    for (let failAt = 1; failAt < 60; failAt++) {
      const disk = new MemoryDisk();
      let count = 0;
      disk.failure = () => (++count >= failAt ? new Error("broken") : null);
      const opened = tryOpenLog(disk, 300);
      if (opened instanceof Error) {
        expect(opened).toBeInstanceOf(StorageFailedError);
        continue;
      }
      const ends: (Error | null)[] = [];
      for (let index = 1; index <= 8; index++) {
        opened.store.append(1, entriesAt(index, 1), (error) => ends.push(error));
        disk.pump(3);
      }
      opened.store.compact(1, 6, (error) => ends.push(error));
      disk.pump();
      opened.store.close((error) => ends.push(error));
      disk.pump();
      expect(ends.length).toBe(10);
      const firstError = ends.findIndex((error) => error !== null);
      if (firstError !== -1)
        for (const error of ends.slice(firstError)) expect(error).toBeInstanceOf(StorageFailedError);
    }
  });
});

describe("closing", () => {
  test("waits for all that was appended", () => {
    const disk = new MemoryDisk();
    const { store } = openLog(disk, 300);
    let acknowledged = 0;
    for (let index = 1; index <= 10; index++) store.append(1, entriesAt(index, 1), () => acknowledged++);
    expect(complete(disk, (done) => store.close((error) => done(error, acknowledged)))).toBe(10);
    expect(openLog(disk, 300).recovered.groups.get(1)?.entries.length).toBe(10);
    expect(() => store.append(1, entriesAt(11, 1), () => undefined)).toThrow("closed");
  });
});

test("options are checked", () => {
  for (const segmentBytes of [0, -1, 1.5, NaN, 2 ** 31]) {
    expect(() => LogStore.open(new MemoryDisk(), { segmentBytes, random: Math.random }, () => undefined)).toThrow(
      InvalidOptionError,
    );
  }
});

test("entries that leave a gap are refused", () => {
  const disk = new MemoryDisk();
  const { store } = openLog(disk);
  append(disk, store, 1, entriesAt(1, 2));
  expect(() => store.append(1, entriesAt(4, 1), () => undefined)).toThrow("follows");
});
