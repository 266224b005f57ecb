import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DiskSettings } from "../../src/substrate.js";
import { type DiskWorld, diskWorld, durableFile, filled } from "./diskWorld.js";

const FILE_BYTES = 2_048;
const ALL_FAULTS = { loseUnsyncedWrites: true, tearWrites: true, loseDirectoryChanges: true };

/** For each byte, and for the size, all that may be found after a crash: the durable state, and every change since. */
class CrashModel {
  #content = new Array<number>(FILE_BYTES).fill(0);
  #size = 0;
  #bytes: Set<number>[] = [];
  #sizes = new Set<number>();

  constructor() {
    this.sync();
  }

  sync(): void {
    this.#bytes = this.#content.map((value) => new Set([value]));
    this.#sizes = new Set([this.#size]);
  }

  write(offset: number, bytes: Uint8Array): void {
    bytes.forEach((value, at) => this.#put(offset + at, value));
    if (bytes.length === 0) return;
    this.#size = Math.max(this.#size, offset + bytes.length);
    // A torn write may end with any of its sectors.
    for (let at = offset + 1; at <= offset + bytes.length; at += 1) this.#sizes.add(at);
  }

  resize(size: number): void {
    for (let at = size; at < FILE_BYTES; at += 1) this.#put(at, 0);
    this.#size = size;
    this.#sizes.add(size);
  }

  check(found: Uint8Array): void {
    expect([...this.#sizes]).toContain(found.length);
    found.forEach((value, at) => {
      if (this.#bytes[at]?.has(value) !== true) throw new Error(`byte ${at} can't be ${value}`);
    });
    this.#content = Array.from({ length: FILE_BYTES }, (_, at) => found[at] ?? 0);
    this.#size = found.length;
    this.sync();
  }

  #put(at: number, value: number): void {
    this.#content[at] = value;
    this.#bytes[at]?.add(value);
  }
}

/** One character for each sector, all of whose bytes must be equal. */
function sectorsOf(content: Uint8Array): string {
  let pattern = "";
  for (let start = 0; start < content.length; start += 512) {
    const sector = content.subarray(start, start + 512);
    if (!sector.every((value) => value === sector[0])) throw new Error(`the sector at ${start} is mixed`);
    pattern += String(sector[0]);
  }
  return pattern;
}

const fileSteps = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("write" as const),
      at: fc.nat(1_000),
      length: fc.nat(1_000),
      value: fc.integer({ min: 1, max: 255 }),
    }),
    fc.record({ type: fc.constant("resize" as const), at: fc.nat(FILE_BYTES) }),
    fc.record({ type: fc.constant("sync" as const) }),
    fc.record({ type: fc.constant("crash" as const) }),
  ),
  { maxLength: 25 },
);

describe("a crash", () => {
  it("keeps all that was synced, and of the rest nothing that was never written", () => {
    fc.assert(
      fc.property(fc.integer(), fileSteps, (seed, steps) => {
        const world = diskWorld(ALL_FAULTS, seed);
        let file = durableFile(world, "log", new Uint8Array(0));
        const model = new CrashModel();
        for (const step of [...steps, { type: "crash" as const }]) {
          if (step.type === "write") {
            world.write(file, step.at, filled(step.length, step.value));
            model.write(step.at, filled(step.length, step.value));
          } else if (step.type === "resize") {
            world.resize(file, step.at);
            model.resize(step.at);
          } else if (step.type === "sync") {
            world.sync(file);
            model.sync();
          } else {
            world.crash();
            file = world.open("log");
            model.check(world.read(file));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  /** What a crash leaves of four unsynced writes of a sector each, over a durable file of ones, for many seeds. */
  const outcomes = (settings: Partial<DiskSettings>, write: (world: DiskWorld) => void) => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 200; seed += 1) {
      const world = diskWorld(settings, seed);
      durableFile(world, "log", filled(2_048, 1));
      write(world);
      world.crash();
      const content = world.read(world.open("log"));
      const pattern = sectorsOf(content);
      seen.set(pattern, (seen.get(pattern) ?? 0) + 1);
    }
    return seen;
  };
  const fourWrites = (world: DiskWorld) => {
    const file = world.open("log");
    for (let sector = 0; sector < 4; sector += 1) world.write(file, sector * 512, filled(512, 2));
  };
  const oneWrite = (world: DiskWorld) => world.write(world.open("log"), 0, filled(2_048, 2));

  it("loses any of the unsynced writes: all, none, or some", () => {
    const seen = outcomes({ loseUnsyncedWrites: true }, fourWrites);
    expect(seen.size).toBe(16);
    expect(seen.get("1111")).toBeGreaterThan(50);
    expect(seen.get("2222")).toBeGreaterThan(50);
  });

  it("keeps or loses a write as a whole, unless writes may tear", () => {
    expect([...outcomes({ loseUnsyncedWrites: true }, oneWrite).keys()].sort()).toEqual(["1111", "2222"]);
  });

  it("tears a write into any of its sectors", () => {
    const seen = outcomes({ tearWrites: true }, oneWrite);
    expect(seen.size).toBe(16);
    expect(seen.get("2222")).toBeGreaterThan(80);
  });

  it("makes the choices of one fault whatever the other faults are", () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const left = (settings: Partial<DiskSettings>) => {
        const world = diskWorld(settings, seed);
        const file = durableFile(world, "log", filled(8_192, 1));
        for (const name of ["x", "y", "z"]) world.open(name, true);
        for (let at = 0; at < 8_192; at += 2_048) world.write(file, at, filled(2_048, 2));
        world.crash();
        const sectors = sectorsOf(world.read(world.open("log")));
        const writes = [0, 4, 8, 12].map((start) => sectors.slice(start, start + 4));
        return { names: world.names(), writes };
      };
      const both = left(ALL_FAULTS);
      const torn = left({ tearWrites: true });
      const lost = left({ loseUnsyncedWrites: true });
      expect(left({ loseDirectoryChanges: true }).names).toEqual(both.names);
      const expected = torn.writes.map((write, number) => (lost.writes[number] === "1111" ? "1111" : write));
      expect(both.writes).toEqual(expected);
    }
  });

  it("does not make durable what a sync in progress had not ended", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 40; seed += 1) {
      const world = diskWorld({ loseUnsyncedWrites: true }, seed);
      const file = durableFile(world, "log", filled(1, 1));
      world.write(file, 0, filled(1, 2));
      let ends = 0;
      file.sync(() => (ends += 1));
      world.process().kill();
      while (world.time.runNext());
      world.crash();
      seen.add(world.read(world.open("log"))[0] ?? -1);
      expect(ends).toBe(0);
    }
    expect(seen).toEqual(new Set([1, 2]));
  });

  it("does not make durable by a sync what was written after the call", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      const world = diskWorld({ loseUnsyncedWrites: true }, seed);
      const file = durableFile(world, "log", filled(3, 1));
      for (let at = 0; at < 3; at += 1) {
        file.write(at, filled(1, 2), () => undefined);
        if (at < 2) file.sync(() => undefined);
      }
      while (world.time.runNext());
      world.crash();
      seen.add(world.read(world.open("log")).join());
    }
    expect([...seen].sort()).toEqual(["2,2,1", "2,2,2"]);
  });
});

describe("a crash and the directory", () => {
  const directoryOutcomes = (change: (world: DiskWorld) => void) => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const world = diskWorld({ loseDirectoryChanges: true }, seed);
      durableFile(world, "old", filled(1, 1));
      change(world);
      world.crash();
      seen.add(
        world
          .names()
          .map((name) => `${name}=${world.read(world.open(name)).join()}`)
          .join(" "),
      );
    }
    return [...seen].sort();
  };

  it("may lose a new file whose content was synced, but whose name was not", () => {
    const create = (world: DiskWorld) => {
      const file = world.open("new", true);
      world.write(file, 0, filled(1, 2));
      world.sync(file);
    };
    expect(directoryOutcomes(create)).toEqual(["new=2 old=1", "old=1"]);
    expect(
      directoryOutcomes((world) => {
        create(world);
        world.syncDirectory();
      }),
    ).toEqual(["new=2 old=1"]);
  });

  it("may bring back a removed file, unless that was synced", () => {
    const remove = (world: DiskWorld) => world.ended((done) => world.mounted().remove("old", done));
    expect(directoryOutcomes(remove)).toEqual(["", "old=1"]);
    expect(
      directoryOutcomes((world) => {
        remove(world);
        world.syncDirectory();
      }),
    ).toEqual([""]);
  });

  it("replaces a file by renaming at once or not at all", () => {
    const replace = (world: DiskWorld) => {
      durableFile(world, "new", filled(1, 2));
      world.ended((done) => world.mounted().rename("new", "old", done));
    };
    expect(directoryOutcomes(replace)).toEqual(["new=2 old=1", "old=2"]);
  });

  it("never leaves one file under two names", () => {
    const twice = (world: DiskWorld) => {
      world.ended((done) => world.mounted().rename("old", "b", done));
      world.ended((done) => world.mounted().rename("b", "c", done));
    };
    expect(directoryOutcomes(twice)).toEqual(["b=1", "c=1", "old=1"]);
  });

  it("frees what nothing names any more", () => {
    const world = diskWorld();
    durableFile(world, "old", filled(100, 1));
    world.ended((done) => world.mounted().remove("old", done));
    world.syncDirectory();
    world.crash();
    expect(world.names()).toEqual([]);
    expect(world.disk.pickSyncedPlace()).toBeNull();
  });
});
