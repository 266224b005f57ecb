import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diskWorld, durableFile, filled } from "./diskWorld.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("a disk without faults", () => {
  it("starts empty", () => {
    expect(diskWorld().names()).toEqual([]);
  });

  it("reads what was written, zeros in gaps, and nothing beyond the end", () => {
    const world = diskWorld();
    const file = world.open("log", true);
    world.write(file, 2, bytes(7, 8));
    expect(world.read(file)).toEqual(bytes(0, 0, 7, 8));
    expect(world.read(file, 3, 10)).toEqual(bytes(8));
    expect(world.read(file, 4, 10)).toEqual(bytes());
    expect(world.read(file, 90, 10)).toEqual(bytes());
    expect(world.ended<number>((done) => file.size(done))).toBe(4);
  });

  it("reads as an array would after any writes, changes of size and syncs", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("write" as const), at: fc.nat(40), data: fc.uint8Array({ maxLength: 20 }) }),
      fc.record({ type: fc.constant("resize" as const), at: fc.nat(60) }),
      fc.record({ type: fc.constant("sync" as const) }),
      fc.record({ type: fc.constant("read" as const), at: fc.nat(60), length: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = diskWorld();
        const file = world.open("log", true);
        let model: number[] = [];
        for (const each of steps) {
          if (each.type === "write") {
            world.write(file, each.at, each.data);
            if (each.data.length === 0) continue;
            while (model.length < each.at) model.push(0);
            model.splice(each.at, each.data.length, ...each.data);
          } else if (each.type === "resize") {
            world.resize(file, each.at);
            model = Array.from({ length: each.at }, (_, at) => model[at] ?? 0);
          } else if (each.type === "sync") {
            world.sync(file);
          } else {
            expect([...world.read(file, each.at, each.length)]).toEqual(model.slice(each.at, each.at + each.length));
          }
        }
        expect([...world.read(file)]).toEqual(model);
      }),
    );
  });

  it("copies what is written, so that the caller may use the bytes again", () => {
    const world = diskWorld();
    const file = world.open("log", true);
    const buffer = bytes(1, 2, 3);
    world.write(file, 0, buffer);
    buffer.fill(9);
    world.read(file).fill(9);
    expect(world.read(file)).toEqual(bytes(1, 2, 3));
  });

  it("lists, renames, replaces and removes files by name", () => {
    const world = diskWorld();
    for (const name of ["c", "a", "b"]) world.write(world.open(name, true), 0, new TextEncoder().encode(name));
    expect(world.names()).toEqual(["a", "b", "c"]);
    world.ended((done) => world.mounted().rename("c", "a", done));
    world.ended((done) => world.mounted().remove("b", done));
    expect(world.names()).toEqual(["a"]);
    expect(new TextDecoder().decode(world.read(world.open("a")))).toBe("c");
  });

  it("refuses names that are missing or taken, and files that are closed", () => {
    const world = diskWorld();
    const file = world.open("a", true);
    const fails = (code: string, call: () => unknown) => expect(call).toThrow(expect.objectContaining({ code }));
    fails("EEXIST", () => world.open("a", true));
    fails("ENOENT", () => world.open("b"));
    fails("ENOENT", () => world.ended((done) => world.mounted().remove("b", done)));
    fails("ENOENT", () => world.ended((done) => world.mounted().rename("b", "c", done)));
    world.ended((done) => file.close(done));
    fails("EBADF", () => world.read(file));
    fails("EBADF", () => world.sync(file));
    expect(world.names()).toEqual(["a"]);
  });

  it("refuses positions that are no index", () => {
    const world = diskWorld();
    const file = world.open("a", true);
    for (const at of [-1, 0.5, NaN]) {
      expect(() => world.write(file, at, bytes(1))).toThrow(RangeError);
      expect(() => world.read(file, at)).toThrow(RangeError);
      expect(() => world.resize(file, at)).toThrow(RangeError);
    }
  });

  it("ends the operations on one file in the order of the calls", () => {
    const world = diskWorld({ writeMeanMs: 5, syncMeanMs: 0.2 });
    const file = world.open("a", true);
    const order: number[] = [];
    for (let at = 0; at < 50; at += 1) {
      if (at % 3 === 0) file.sync(() => order.push(at));
      else file.write(at, bytes(at), () => order.push(at));
    }
    while (world.time.runNext());
    expect(order).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  it("loses nothing when only the process dies, synced or not", () => {
    const world = diskWorld();
    world.write(world.open("log", true), 0, bytes(1, 2, 3));
    world.crash();
    expect(world.names()).toEqual(["log"]);
    expect(world.read(world.open("log"))).toEqual(bytes(1, 2, 3));
  });

  it("counts the space in use, and frees that of removed files", () => {
    const world = diskWorld();
    world.resize(world.open("a", true), 1 << 30);
    world.resize(world.open("b", true), 10);
    expect(world.disk.usedBytes).toBe((1 << 30) + 10);
    world.ended((done) => world.mounted().remove("a", done));
    expect(world.disk.usedBytes).toBe(10);
  });

  it("is empty again once wiped", () => {
    const world = diskWorld();
    durableFile(world, "log", bytes(1));
    expect(() => world.disk.wipe()).toThrow(/mounted/);
    world.process().kill();
    world.disk.crash();
    world.disk.wipe();
    expect(world.disk.usedBytes).toBe(0);
    expect(world.disk.pickSyncedPlace()).toBeNull();
  });
});

describe("a disk and its process", () => {
  it("is mounted by one process at a time, and crashes only after it", () => {
    const world = diskWorld();
    expect(() => world.disk.mount(world.process())).toThrow(/crash/);
    expect(() => world.disk.crash()).toThrow(/kill/);
  });

  it("does nothing for a dead process, nor for one before the present", () => {
    const world = diskWorld();
    const file = durableFile(world, "log", bytes(1));
    const stale = world.mounted();
    let ends = 0;
    file.write(0, bytes(2), () => (ends += 1));
    world.process().kill();
    file.write(0, bytes(3), () => (ends += 1));
    world.crash();
    file.write(0, bytes(4), () => (ends += 1));
    file.sync(() => (ends += 1));
    stale.remove("log", () => (ends += 1));
    stale.syncDirectory(() => (ends += 1));
    expect(world.read(world.open("log"))).toEqual(bytes(2));
    expect(ends).toBe(0);
  });

  it("works on while the process is paused, and tells it once it resumes", () => {
    const world = diskWorld({ loseUnsyncedWrites: true });
    const file = durableFile(world, "log", bytes(1));
    const ends: string[] = [];
    file.write(0, bytes(2), () => ends.push("write"));
    file.sync(() => ends.push("sync"));
    world.process().pause();
    while (world.time.runNext());
    expect(ends).toEqual([]);
    world.process().resume();
    while (world.time.runNext());
    expect(ends).toEqual(["write", "sync"]);

    file.write(0, bytes(3), () => undefined);
    file.sync(() => undefined);
    world.process().pause();
    while (world.time.runNext());
    world.crash();
    expect(world.read(world.open("log"))).toEqual(bytes(3));
  });
});

describe("disk faults", () => {
  it("fails the next operations of one kind with EIO, as many as told", () => {
    const world = diskWorld();
    const file = durableFile(world, "log", bytes(1));
    const calls = {
      read: () => world.read(file),
      write: () => world.write(file, 0, bytes(1)),
      sync: () => world.sync(file),
      directory: () => world.names(),
    };
    for (const kind of ["read", "write", "sync", "directory"] as const) {
      world.disk.failNext(kind, 2);
      for (const other of ["read", "write", "sync", "directory"] as const) if (other !== kind) calls[other]();
      expect(calls[kind]).toThrow(expect.objectContaining({ code: "EIO" }));
      expect(calls[kind]).toThrow(expect.objectContaining({ code: "EIO" }));
      calls[kind]();
    }
    world.disk.failNext("sync");
    expect(() => world.syncDirectory()).toThrow(expect.objectContaining({ code: "EIO" }));
  });

  it("may do a part of a write that fails, in whole sectors from its start", () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 60; seed += 1) {
      const world = diskWorld({}, seed);
      const file = world.open("log", true);
      world.disk.failNext("write");
      expect(() => world.write(file, 0, filled(1_500, 7))).toThrow(expect.objectContaining({ code: "EIO" }));
      const left = world.read(file);
      expect(left).toEqual(filled(left.length, 7));
      lengths.add(left.length);
    }
    expect([...lengths].sort((left, right) => left - right)).toEqual([0, 512, 1_024, 1_500]);
  });

  it("leaves nothing certain of what a failed sync was for, and no later sync makes up for it", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 60; seed += 1) {
      const world = diskWorld({ loseUnsyncedWrites: true }, seed);
      const file = durableFile(world, "log", bytes(1, 1));
      world.write(file, 0, bytes(2));
      world.disk.failNext("sync");
      expect(() => world.sync(file)).toThrow(expect.objectContaining({ code: "EIO" }));
      world.write(file, 1, bytes(5));
      world.sync(file);
      world.crash();
      const [first, second] = world.read(world.open("log"));
      expect(second).toBe(5);
      seen.add(first ?? -1);
    }
    expect(seen).toEqual(new Set([1, 2]));
  });

  it("has no room beyond its capacity, for growth or for new files once full", () => {
    const world = diskWorld({ capacityBytes: 100 });
    const file = world.open("log", true);
    world.resize(file, 90);
    const full: unknown = expect.objectContaining({ code: "DISK_FULL" });
    expect(() => world.write(file, 85, filled(16, 1))).toThrow(full);
    expect(() => world.resize(file, 101)).toThrow(full);
    expect(world.ended<number>((done) => file.size(done))).toBe(90);
    world.write(file, 80, filled(20, 1));
    world.disk.fill();
    expect(() => world.open("other", true)).toThrow(full);
    world.write(file, 0, filled(100, 2));
    world.disk.makeRoom();
    world.open("other", true);
  });

  it("stalls for a while", () => {
    const world = diskWorld();
    const file = world.open("log", true);
    const took = () => {
      const startMs = world.time.now;
      world.write(file, 0, bytes(1));
      return world.time.now - startMs;
    };
    expect(took()).toBeLessThan(2);
    world.disk.stall(150);
    expect(took()).toBeCloseTo(150, 0);
    expect(took()).toBeLessThan(2);
  });

  it("ends a stall for all that has queued up in it", () => {
    const world = diskWorld();
    const file = world.open("log", true);
    const startMs = world.time.now;
    world.disk.stall(150);
    const endedAfterMs: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      file.write(i, bytes(1), () => void endedAfterMs.push(world.time.now - startMs));
      file.sync(() => void endedAfterMs.push(world.time.now - startMs));
    }
    while (world.time.runNext());
    expect(endedAfterMs).toHaveLength(10);
    for (const ms of endedAfterMs) {
      expect(ms).toBeGreaterThanOrEqual(150);
      expect(ms).toBeLessThan(200);
    }
  });

  it("rots by one bit, in what was synced", () => {
    const world = diskWorld();
    const file = durableFile(world, "log", filled(10, 0b100));
    durableFile(world, "other", filled(10, 1));
    world.resize(file, 1_000);
    const places = new Set<number>();
    for (let pick = 0; pick < 300; pick += 1) {
      const place = world.disk.pickSyncedPlace((name) => name === "log");
      expect(place?.name).toBe("log");
      places.add(place?.offset ?? -1);
    }
    expect([...places].sort((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    world.disk.flipBit("log", 3, 1);
    world.disk.flipBit("log", 4, 2);
    world.crash();
    const content = world.read(world.open("log"), 0, 10);
    expect(content).toEqual(bytes(4, 4, 4, 6, 0, 4, 4, 4, 4, 4));
    expect(() => world.disk.flipBit("log", 1_000)).toThrow(RangeError);
    expect(() => world.disk.flipBit("none", 0)).toThrow(RangeError);
  });

  it("refuses settings that mean nothing", () => {
    const world = diskWorld();
    expect(() => world.disk.set({ syncMinMs: -1 })).toThrow(RangeError);
    expect(() => world.disk.set({ capacityBytes: NaN })).toThrow(RangeError);
    expect(() => world.disk.failNext("read", -1)).toThrow(RangeError);
    expect(() => world.disk.stall(-1)).toThrow(RangeError);
  });
});
