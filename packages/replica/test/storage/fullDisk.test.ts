import { describe, expect, test } from "vitest";
import { DiskFullError } from "../../src/disk.js";
import type { LogStore } from "../../src/storage/index.js";
import { batch, commands, complete, openLog, tryOpenLog } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const SPARE = "spare.segment";
const SEGMENT_BYTES = 4_096;
const RESERVE_BYTES = SEGMENT_BYTES / 4;

/** A log on a disk that has no room for another file, or none for a longer one, as long as `isFull` says so. */
class World {
  readonly disk = new MemoryDisk();
  readonly store: LogStore;
  readonly told: boolean[] = [];
  isFull = true;
  attempts = 0;
  #index = 0;

  constructor(refused: "open" | "resize" = "resize") {
    this.store = openLog(this.disk, SEGMENT_BYTES).store;
    this.store.onFullChanged = (full) => this.told.push(full);
    this.disk.failure = (operation, name) => {
      if (name !== SPARE) return null;
      if (operation === "open") this.attempts++;
      return this.isFull && operation === refused ? new DiskFullError("no space left") : null;
    };
  }

  /** Appends one entry, and returns what became of it. */
  append(): Error | true {
    const persist = batch({ entries: commands(++this.#index, 1, 1) });
    return complete(this.disk, (done) => this.store.append(1, persist, (error) => done(error, true)));
  }

  appendUntil(met: () => boolean): void {
    for (let count = 0; !met(); count++) {
      expect(count).toBeLessThan(1_000);
      expect(this.append()).toBe(true);
    }
  }

  recoveredEntries(): number {
    return openLog(this.disk.copy(), SEGMENT_BYTES).recovered.groups.get(1)?.entries.length ?? 0;
  }
}

describe.each(["open", "resize"] as const)("a disk without room for another segment (%s fails)", (refused) => {
  test("does not hurt the log, which says that it is full once only a reserve is left, and keeps that for what must be", () => {
    const world = new World(refused);
    world.append();
    expect(world.store.isFull).toBe(false);
    world.appendUntil(() => world.store.isFull);
    const { sizeBytes } = world.store;
    expect(sizeBytes).toBeGreaterThan(SEGMENT_BYTES - RESERVE_BYTES - 100);
    expect(sizeBytes).toBeLessThan(SEGMENT_BYTES - RESERVE_BYTES + 100);
    expect(world.told).toEqual([true]);
    for (let term = 2; term < 12; term++) {
      const vote = batch({ hardState: { term, vote: "a" } });
      expect(complete(world.disk, (done) => world.store.append(1, vote, (error) => done(error, true)))).toBe(true);
    }
    expect(world.disk.names()).toEqual(["log-0000000000000001.segment"]);
  });

  test("lets an append fail only where the present segment has no room for it, with the cause, and nothing is lost", () => {
    const world = new World(refused);
    let acknowledged = 0;
    let outcome = world.append();
    for (; outcome === true; outcome = world.append()) acknowledged++;
    expect(outcome).toMatchObject({ code: "STORAGE_FAILED" });
    expect(outcome.cause).toBeInstanceOf(DiskFullError);
    expect(world.store.sizeBytes).toBeGreaterThan(SEGMENT_BYTES - 100);
    expect(world.recoveredEntries()).toBe(acknowledged);
    expect(complete(world.disk, (done) => world.store.close((error) => done(error, true)))).toBe(outcome);
  });

  test("with room again before the present segment ends is noticed by an append", () => {
    const world = new World(refused);
    world.appendUntil(() => world.store.isFull);
    world.isFull = false;
    expect(world.append()).toBe(true);
    expect(world.store.isFull).toBe(false);
    expect(world.told).toEqual([true, false]);
    for (let i = 0; i < 200; i++) expect(world.append()).toBe(true);
  });

  test("is asked at the very last, too", () => {
    const world = new World(refused);
    const { sizeBytes } = world.store;
    world.append();
    const recordBytes = world.store.sizeBytes - sizeBytes;
    world.appendUntil(() => world.store.sizeBytes + recordBytes + 50 > SEGMENT_BYTES);
    world.isFull = false;
    for (let i = 0; i < 10; i++) expect(world.append()).toBe(true);
  });
});

describe("a log that is full", () => {
  test("asks for room again when it is told to, and not twice at a time", () => {
    const world = new World();
    world.appendUntil(() => world.store.isFull);
    const { attempts } = world;
    world.store.seekRoom();
    world.store.seekRoom();
    world.disk.pump();
    expect(world.attempts).toBe(attempts + 1);
    expect(world.store.isFull).toBe(true);
    world.isFull = false;
    world.store.seekRoom();
    world.disk.pump();
    expect(world.store.isFull).toBe(false);
    world.store.seekRoom();
    world.disk.pump();
    expect(world.attempts).toBe(attempts + 2);
  });

  test("asks for room again when compaction has removed a file", () => {
    const world = new World();
    world.isFull = false;
    world.appendUntil(() => world.disk.names().length === 3);
    world.isFull = true;
    // The spare file that is there is used up first.
    world.appendUntil(() => world.store.isFull);
    world.isFull = false;
    const compacted = complete(world.disk, (done) => world.store.compact(1, 100, (error) => done(error, true)));
    expect(compacted).toBe(true);
    expect(world.store.isFull).toBe(false);
  });

  test("counts what waits to be written, so that no more is taken on than fits", () => {
    const world = new World();
    world.append();
    let taken = 0;
    const record = batch({ entries: commands(2, 1, 1) });
    world.store.append(1, batch({ entries: [] }), () => undefined);
    for (let index = 2; world.store.hasRoomFor(100); index++) {
      const persist = { ...record, entries: commands(index, 1, 1) };
      world.store.append(1, persist, (error) => {
        expect(error).toBeNull();
        taken++;
      });
      expect(index).toBeLessThan(1_000);
    }
    world.disk.pump();
    expect(taken).toBeGreaterThan(20);
    expect(world.store.sizeBytes).toBeLessThan(SEGMENT_BYTES - RESERVE_BYTES);
  });
});

test("while there is no room the disk is asked now and then, not with every append", () => {
  const world = new World();
  world.appendUntil(() => world.store.isFull);
  expect(world.attempts).toBeGreaterThan(5);
  expect(world.attempts).toBeLessThanOrEqual(16);
});

test("a spare file that fails for another reason makes the log fail", () => {
  const disk = new MemoryDisk();
  const { store } = openLog(disk, SEGMENT_BYTES);
  const cause = new Error("input/output error");
  disk.failure = (_operation, name) => (name === SPARE ? cause : null);
  const append = (index: number) =>
    complete(disk, (done) =>
      store.append(1, batch({ entries: commands(index, 1, 1) }), (error) => {
        done(error, true);
      }),
    );
  append(1);
  expect(append(2)).toMatchObject({ code: "STORAGE_FAILED", cause });
});

test("a new log on a full disk doesn't open, and opens when there is room", () => {
  const disk = new MemoryDisk();
  disk.failure = (operation) => (operation === "resize" ? new DiskFullError("no space left") : null);
  const error = tryOpenLog(disk);
  expect(error).toMatchObject({ code: "STORAGE_FAILED" });
  expect((error as Error).cause).toBeInstanceOf(DiskFullError);
  expect(disk.names()).toEqual([]);
  disk.failure = () => null;
  expect(openLog(disk).isNew).toBe(true);
});

test("a torn tail is cut off on a disk that is full", () => {
  const world = new World();
  world.appendUntil(() => world.store.isFull);
  const [name] = world.disk.names() as [string];
  const bytes = world.disk.content(name);
  bytes[world.store.sizeBytes + 3] = 7;
  const torn = world.disk.copy();
  torn.put(name, bytes);
  torn.failure = (operation) => (operation === "resize" ? new DiskFullError("no space left") : null);
  const { recovered } = openLog(torn, SEGMENT_BYTES);
  expect(recovered.tornBytes).toBe(4);
  expect(openLog(torn, SEGMENT_BYTES).recovered.tornBytes).toBe(0);
});
