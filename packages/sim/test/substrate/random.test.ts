import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logarithmOfFraction } from "../../src/random/naturalLogarithm.js";
import { RandomStreams } from "../../src/substrate.js";

const draw = (seed: number, purpose: string, count: number) => {
  const stream = new RandomStreams(seed).stream(purpose);
  return Array.from({ length: count }, () => stream.nextU32());
};

describe("random streams", () => {
  it("give the same numbers for the same seed and purpose, for ever", () => {
    expect(draw(1, "network/a→b/loss", 4)).toEqual([1678361466, 2186453761, 593111756, 3038774202]);
    expect(draw(2, "network/a→b/loss", 4)).toEqual([3531550632, 4185347355, 3805012992, 2763096757]);
    expect(draw(1, "disk/c/torn", 4)).toEqual([4095073213, 4101189392, 4021053151, 3732031697]);
  });

  it("tell nearby seeds and similar purposes apart", () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 100; seed += 1) {
      for (const purpose of ["", "a", "b", "ab", "a→b", "b→a"]) firsts.add(draw(seed, purpose, 1)[0] ?? -1);
    }
    expect(firsts.size).toBe(600);
  });

  it("do not move when another purpose is drawn from", () => {
    const streams = new RandomStreams(7);
    const other = streams.stream("other");
    const stream = streams.stream("mine");
    const numbers = Array.from({ length: 20 }, () => {
      other.float();
      return stream.nextU32();
    });
    expect(numbers).toEqual(draw(7, "mine", 20));
  });

  it("are one object for each purpose", () => {
    const streams = new RandomStreams(7);
    expect(streams.stream("x")).toBe(streams.stream("x"));
  });

  it("refuse a seed that is no number", () => {
    expect(() => new RandomStreams(NaN)).toThrow(RangeError);
  });
});

describe("a random stream", () => {
  const make = (seed = 5) => new RandomStreams(seed).stream("test");
  const mean = (count: number, next: () => number) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += next();
    return sum / count;
  };

  it("spreads over [0, 1) evenly", () => {
    const stream = make();
    const buckets = new Array<number>(16).fill(0);
    for (let index = 0; index < 160_000; index += 1) buckets[Math.floor(stream.float() * 16)]! += 1;
    expect(buckets.length).toBe(16);
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("sets every bit in about half of the draws", () => {
    const stream = make();
    const ones = new Array<number>(32).fill(0);
    for (let index = 0; index < 10_000; index += 1) {
      const value = stream.nextU32();
      for (let bit = 0; bit < 32; bit += 1) ones[bit]! += (value >>> bit) & 1;
    }
    for (const count of ones) expect(Math.abs(count - 5_000)).toBeLessThan(250);
  });

  it("draws integers from both ends of a range and none beyond", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -1_000, max: 1_000 }), fc.nat(5), (seed, low, span) => {
        const stream = make(seed);
        const seen = new Set(Array.from({ length: 200 }, () => stream.integer(low, low + span)));
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: span + 1 }, (_, at) => low + at));
      }),
    );
    expect(() => make().integer(2, 1)).toThrow(RangeError);
    expect(() => make().integer(0, 0.5)).toThrow(RangeError);
  });

  it("takes chances as often as their probability says", () => {
    const stream = make();
    expect(mean(100_000, () => Number(stream.chance(0.2)))).toBeCloseTo(0.2, 2);
    expect(mean(1_000, () => Number(stream.chance(0)))).toBe(0);
    expect(mean(1_000, () => Number(stream.chance(1)))).toBe(1);
  });

  it("has exponential values with the mean, and the tail, asked for", () => {
    const stream = make();
    const values = Array.from({ length: 100_000 }, () => stream.exponential(4));
    expect(mean(values.length, () => values.pop() ?? 0)).toBeCloseTo(4, 1);
    const beyond = mean(100_000, () => Number(stream.exponential(4) > 12));
    expect(beyond).toBeCloseTo(Math.exp(-3), 2);
  });

  it("draws once for every choice, whatever it is asked", () => {
    const choices = [
      (stream: ReturnType<typeof make>) => stream.chance(0),
      (stream: ReturnType<typeof make>) => stream.chance(1),
      (stream: ReturnType<typeof make>) => stream.exponential(0),
      (stream: ReturnType<typeof make>) => stream.integer(3, 3),
      (stream: ReturnType<typeof make>) => stream.pick(["only"]),
    ];
    const plain = make();
    plain.nextU32();
    const next = plain.nextU32();
    for (const choose of choices) {
      const stream = make();
      choose(stream);
      expect(stream.nextU32()).toBe(next);
    }
  });

  it("shuffles into every order equally often", () => {
    const stream = make();
    const counts = new Map<string, number>();
    for (let index = 0; index < 6_000; index += 1) {
      const order = stream.shuffle(["a", "b", "c"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("refuses to pick from nothing", () => {
    expect(() => make().pick([])).toThrow(RangeError);
  });
});

describe("the logarithm that does not depend on the engine", () => {
  it("agrees with the engine's", () => {
    const check = (numerator: number) => {
      expect(Math.abs(logarithmOfFraction(numerator) - Math.log(numerator / 2 ** 32))).toBeLessThan(1e-9);
    };
    for (let exponent = 0; exponent <= 32; exponent += 1) check(2 ** exponent);
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 32 }), check), { numRuns: 1_000 });
  });

  it("gives these very bits", () => {
    expect(logarithmOfFraction(1)).toBe(-22.18070977791825);
    expect(logarithmOfFraction(3_000_000_000)).toBe(-0.3588316523037292);
    expect(logarithmOfFraction(2 ** 32)).toBe(0);
  });
});
