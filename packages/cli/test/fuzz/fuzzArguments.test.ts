import { describe, expect, test } from "vitest";
import { run } from "../../src/index.js";
import { readProfile, readSeedRange, readShard, readWorkers } from "../../src/fuzz/fuzzArguments.js";
import { countSeeds, seedSequence } from "../../src/fuzz/seedSequence.js";
import { fakeIo } from "../support/fakeIo.js";

describe("the arguments of balsa fuzz", () => {
  test("name seeds from the first to the last, or without an end", () => {
    expect(readSeedRange("1..1000")).toEqual({ first: 1, last: 1_000 });
    expect(readSeedRange("7..7")).toEqual({ first: 7, last: 7 });
    expect(readSeedRange("7..")).toEqual({ first: 7, last: 4_294_967_295 });
  });

  test.each(["", "7", "..9", "9..1", "1-9", "1..4294967296", "-1..4", "1.5..2"])("refuse %j for seeds", (text) => {
    expect(() => readSeedRange(text)).toThrow("A..B");
  });

  test("name a shard, which counts from 1", () => {
    expect(readShard("2/8")).toEqual({ index: 2, count: 8 });
    for (const text of ["0/8", "9/8", "1", "1/0", "a/b", "1/10001"]) expect(() => readShard(text)).toThrow("I/N");
  });

  test("name workers and a profile, with a guess at what was meant", () => {
    expect(readWorkers("2")).toBe(2);
    for (const text of ["0", "two", "257", "1.5"]) expect(() => readWorkers(text)).toThrow("--workers");
    expect(readProfile("storage")).toBe("storage");
    expect(() => readProfile("swarn")).toThrow("did you mean swarm?");
  });

  test("stop the command with status 2 where they are wrong", async () => {
    for (const line of ["fuzz --seeds 9..1", "fuzz --for soon", "fuzz --shard 3/2", "fuzz --keep", "fuzz extra"]) {
      const io = fakeIo();
      expect(await run(line.split(" "), io), line).toBe(2);
      expect(io.err()).toContain("balsa:");
    }
  });
});

describe("the shards of a campaign", () => {
  test.each([1, 2, 3, 7, 40])("are disjoint and together all seeds, %i of them", (count) => {
    const range = { first: 5, last: 35 };
    const shards = Array.from({ length: count }, (_, i) => ({ index: i + 1, count }));
    const seeds = shards.map((shard) => [...seedSequence(range, shard)]);
    expect(seeds.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 31 }, (_, i) => i + 5));
    expect(seeds.map(({ length }) => length)).toEqual(shards.map((shard) => countSeeds(range, shard)));
  });
});
