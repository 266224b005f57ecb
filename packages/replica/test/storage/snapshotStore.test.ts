import type { SnapshotMetadata } from "@balsa/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/storage/crc32c.js";
import {
  SnapshotCorruptError,
  SnapshotGoneError,
  SnapshotStore,
  StorageFailedError,
  type SnapshotDraft,
  type SnapshotWriter,
} from "../../src/storage/index.js";
import { complete, snapshotAt } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const GROUP = 3;

function tryOpen(disk: MemoryDisk): SnapshotStore | Error {
  return complete<SnapshotStore | null>(disk, (done) => SnapshotStore.open(disk, done)) as SnapshotStore | Error;
}

function open(disk: MemoryDisk): SnapshotStore {
  const store = tryOpen(disk);
  if (store instanceof Error) throw store;
  return store;
}

function draft(index: number): SnapshotDraft {
  const { term, configuration } = snapshotAt(index, 4);
  return { index, term, configuration };
}

function bytesOf(index: number, length = 1_000): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + index) & 0xff);
}

function write(writer: SnapshotWriter, bytes: Uint8Array, chunkBytes = 300): void {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    writer.write(bytes.slice(at, at + chunkBytes), () => undefined);
  }
}

function finish(disk: MemoryDisk, writer: SnapshotWriter): SnapshotMetadata | Error {
  return complete<SnapshotMetadata | null>(disk, (done) => writer.finish(done)) as SnapshotMetadata | Error;
}

function take(disk: MemoryDisk, store: SnapshotStore, index: number, length?: number): SnapshotMetadata {
  const writer = store.begin(GROUP, draft(index));
  write(writer, bytesOf(index, length));
  const metadata = finish(disk, writer);
  if (metadata instanceof Error) throw metadata;
  return metadata;
}

function read(
  disk: MemoryDisk,
  store: SnapshotStore,
  metadata: SnapshotMetadata,
  offset: number,
  maxBytes: number,
): Uint8Array | Error | null {
  return complete<Uint8Array | null>(disk, (done) => {
    store.readChunk(GROUP, metadata, offset, maxBytes, done);
  });
}

describe("a snapshot that is finished", () => {
  test("is the latest, also after a restart, with length and checksum of its bytes", () => {
    const disk = new MemoryDisk();
    const metadata = take(disk, open(disk), 17);
    const expected = { ...draft(17), sizeBytes: 1_000, checksum: crc32c(bytesOf(17)) };
    expect(metadata).toEqual(expected);
    const store = open(disk);
    expect(store.latest(GROUP)).toEqual(expected);
    expect(store.latest(GROUP + 1)).toBeNull();
  });

  test("is read in chunks of any size", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    const metadata = take(disk, store, 17);
    expect(read(disk, store, metadata, 0, 400)).toEqual(bytesOf(17).slice(0, 400));
    expect(read(disk, store, metadata, 800, 400)).toEqual(bytesOf(17).slice(800));
    expect(read(disk, store, metadata, 1_000, 400)).toEqual(new Uint8Array(0));
  });

  test("may be empty", () => {
    const disk = new MemoryDisk();
    take(disk, open(disk), 1, 0);
    expect(open(disk).latest(GROUP)).toMatchObject({ index: 1, sizeBytes: 0, checksum: 0 });
  });

  test("takes the place of older ones", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    const first = take(disk, store, 1);
    take(disk, store, 2);
    expect(disk.names().length).toBe(1);
    expect(read(disk, store, first, 0, 10)).toBeInstanceOf(SnapshotGoneError);
  });

  test("is durable, with its name, before the older one goes", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    take(disk, store, 1);
    const operations: string[] = [];
    disk.failure = (operation) => {
      operations.push(operation);
      return null;
    };
    take(disk, store, 2);
    expect(operations.slice(-5)).toEqual(["sync", "close", "rename", "syncDirectory", "remove"]);
  });

  test("doesn't take the place of a newer one", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    const slow = store.begin(GROUP, draft(1));
    write(slow, bytesOf(1));
    take(disk, store, 2);
    expect(finish(disk, slow)).toMatchObject({ index: 1 });
    expect(store.latest(GROUP)).toMatchObject({ index: 2 });
    expect(disk.names().length).toBe(1);
  });

  test("leaves an older one there while somebody is in the middle of it, but not for ever", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    const first = take(disk, store, 1);
    read(disk, store, first, 0, 100);
    take(disk, store, 2);
    expect(read(disk, store, first, 100, 100)).toEqual(bytesOf(1).slice(100, 200));
    take(disk, store, 3);
    expect(read(disk, store, first, 200, 800)).toEqual(bytesOf(1).slice(200));
    take(disk, store, 4);
    expect(read(disk, store, first, 0, 100)).toBeInstanceOf(SnapshotGoneError);
    expect(disk.names().length).toBe(1);
  });
});

test("a large snapshot is made durable as it is written, not all of it at the end", () => {
  const disk = new MemoryDisk();
  const writer = open(disk).begin(GROUP, draft(1));
  let waiting = 0;
  let most = 0;
  disk.failure = (operation) => {
    if (operation === "write") most = Math.max(most, ++waiting);
    else if (operation === "sync") waiting = 0;
    return null;
  };
  const chunk = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 20; i++) {
    complete(disk, (done) => writer.write(chunk, (error) => done(error, true)));
  }
  expect(most).toBe(9); // 8 MiB, and once the header
  expect(finish(disk, writer)).toMatchObject({ sizeBytes: 20 * 1024 * 1024 });
});

describe("a snapshot that is received", () => {
  const bytes = bytesOf(9);
  const announced = { ...draft(9), sizeBytes: bytes.length, checksum: crc32c(bytes) };

  test("is kept when length and checksum are the announced ones", () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    const writer = store.begin(GROUP, announced);
    write(writer, bytes);
    expect(finish(disk, writer)).toEqual(announced);
    expect(store.latest(GROUP)).toEqual(announced);
  });

  for (const [what, given] of [
    ["too short", bytes.slice(1)],
    ["changed", bytes.map((byte, i) => (i === 500 ? byte ^ 1 : byte))],
  ] as const) {
    test(`is refused when it is ${what}, and the one before stays`, () => {
      const disk = new MemoryDisk();
      const store = open(disk);
      const before = take(disk, store, 5);
      const writer = store.begin(GROUP, announced);
      write(writer, given);
      expect(finish(disk, writer)).toBeInstanceOf(SnapshotCorruptError);
      expect(complete(disk, (done) => writer.abort((error) => done(error, true)))).toBe(true);
      expect(store.latest(GROUP)).toEqual(before);
      expect(disk.names().length).toBe(1);
    });
  }
});

describe("a snapshot that is not finished", () => {
  test("is gone after a restart", () => {
    const disk = new MemoryDisk();
    write(open(disk).begin(GROUP, draft(1)), bytesOf(1));
    disk.pump();
    expect(disk.names().length).toBe(1);
    expect(open(disk).latest(GROUP)).toBeNull();
    expect(disk.names()).toEqual([]);
  });

  test("is gone when it was aborted, whatever was still waiting", () => {
    const disk = new MemoryDisk();
    const writer = open(disk).begin(GROUP, draft(1));
    const ends: (Error | null)[] = [];
    for (let i = 0; i < 3; i++) writer.write(bytesOf(i), (error) => ends.push(error));
    disk.pump(1);
    expect(complete(disk, (done) => writer.abort((error) => done(error, true)))).toBe(true);
    expect(ends.length).toBe(3);
    expect(disk.names()).toEqual([]);
  });

  test("can be aborted before anything was written", () => {
    const disk = new MemoryDisk();
    const writer = open(disk).begin(GROUP, draft(1));
    expect(complete(disk, (done) => writer.abort((error) => done(error, true)))).toBe(true);
  });
});

describe("trouble", () => {
  test("any flipped bit in the latest snapshot is found when it is opened, and no older one is used in its place", () => {
    const disk = new MemoryDisk();
    take(disk, open(disk), 1, 40);
    const [name] = disk.names() as [string];
    const bytes = disk.content(name);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = disk.copy();
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      damaged.put(name, changed);
      expect(tryOpen(damaged), `bit ${String(bit)}`).toMatchObject({ code: "SNAPSHOT_CORRUPT", file: name });
    }
    for (let length = 0; length < bytes.length; length++) {
      const damaged = disk.copy();
      damaged.put(name, bytes.slice(0, length));
      expect(tryOpen(damaged)).toBeInstanceOf(SnapshotCorruptError);
    }
  });

  test("an operation that fails, whichever it is, ends in an error, and the snapshot before is still there", () => {
    for (let failAt = 0; ; failAt++) {
      const disk = new MemoryDisk();
      const store = open(disk);
      const before = take(disk, store, 1);
      let count = 0;
      let failed = false;
      disk.failure = () => {
        if (count++ !== failAt) return null;
        failed = true;
        return new Error("broken");
      };
      const writer = store.begin(GROUP, draft(2));
      write(writer, bytesOf(2));
      const result = finish(disk, writer);
      if (!failed) break;
      expect(result).toBeInstanceOf(StorageFailedError);
      disk.failure = () => null;
      expect(complete(disk, (done) => writer.abort((error) => done(error, true)))).toBe(true);
      const latest = open(disk).latest(GROUP);
      expect([before.index, 2]).toContain(latest?.index);
    }
  });

  test("after a crash the latest snapshot is whole, and none that was reported is lost", () => {
    const choices = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 12 });
    const rounds = fc.array(fc.tuple(fc.nat(20), fc.boolean(), choices), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rounds, (crashes) => {
        const disk = new MemoryDisk();
        let reported = 0;
        let index = 0;
        for (const [operations, killed, choose] of crashes) {
          const store = open(disk);
          const latest = store.latest(GROUP);
          expect(latest?.index ?? 0).toBeGreaterThanOrEqual(reported);
          if (latest !== null) {
            expect(read(disk, store, latest, 0, 2_000)).toEqual(bytesOf(latest.index));
            reported = latest.index;
          }
          for (let i = 0; i < 2; i++) {
            const writer = store.begin(GROUP, draft(++index));
            write(writer, bytesOf(index), 1_000);
            writer.finish((error, metadata) => {
              expect(error).toBeNull();
              reported = Math.max(reported, metadata?.index ?? 0);
            });
          }
          disk.pump(operations);
          let drawn = 0;
          if (killed) disk.kill();
          else disk.crash(() => choose[drawn++ % choose.length] as number);
        }
      }),
      { numRuns: 500 },
    );
  });
});
