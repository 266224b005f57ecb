import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Digest } from "../../src/substrate.js";

type Value = number | string | Uint8Array;

function digestOf(...values: Value[]): string {
  const digest = new Digest();
  for (const value of values) {
    if (typeof value === "number") digest.add(value);
    else if (typeof value === "string") digest.addText(value);
    else digest.addBytes(value);
  }
  return digest.hex();
}

describe("a digest", () => {
  it("is the same for the same values, for ever and everywhere", () => {
    expect(digestOf()).toBe("3fef0b06e1fb1fc4caa6999135b3e2d5");
    expect(digestOf(1, -1, 0.1, 2 ** 40, Infinity, NaN)).toBe("284400b1a9547491d1829b4596dfb6e0");
    expect(digestOf("network/a→b", new Uint8Array([1, 2, 3, 4, 5]))).toBe("c3b8210c931e629faa34fa7891c574bb");
  });

  it("is of 32 hexadecimal characters", () => {
    expect(digestOf(12)).toMatch(/^[0-9a-f]{32}$/);
  });

  it("takes -0 for 0", () => {
    expect(digestOf(-0)).toBe(digestOf(0));
  });

  it("differs in every part when one value differs a little", () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.uint8Array());
    fc.assert(
      fc.property(fc.array(value), value, value, fc.array(value), (before, left, right, after) => {
        fc.pre(!Object.is(left, right) && String(left) !== String(right));
        const one = digestOf(...before, left, ...after);
        const other = digestOf(...before, right, ...after);
        for (let lane = 0; lane < 32; lane += 8)
          expect(one.slice(lane, lane + 8)).not.toBe(other.slice(lane, lane + 8));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("tells kinds, order and grouping of values apart", () => {
    const digests = [
      digestOf(),
      digestOf(0),
      digestOf(0, 0),
      digestOf(1, 2),
      digestOf(2, 1),
      digestOf(""),
      digestOf("", ""),
      digestOf("ab", "c"),
      digestOf("a", "bc"),
      digestOf("1"),
      digestOf(1),
      digestOf(1.5),
      digestOf(new Uint8Array([49])),
      digestOf(new Uint8Array([0])),
      digestOf(new Uint8Array([0, 0])),
      digestOf(new Uint8Array(0)),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("has no collision among 200,000 sequences in half of its characters", () => {
    const seen = new Set<string>();
    const digest = new Digest();
    for (let value = 0; value < 200_000; value += 1) {
      digest.add(value % 3);
      seen.add(digest.hex().slice(0, 16));
    }
    expect(seen.size).toBe(200_000);
  });

  it("can be read on the way without being changed", () => {
    const digest = new Digest();
    digest.add(1);
    digest.hex();
    digest.add(2);
    expect(digest.hex()).toBe(digestOf(1, 2));
  });
});
