import { describe, expect, it } from "vitest";
import { thinOut } from "../../src/shrinking/thinOut.js";

const HUNDRED = Array.from({ length: 100 }, (_, number) => number);

function includesAll(needed: readonly number[]): (rest: readonly number[]) => boolean {
  return (rest) => needed.every((item) => rest.includes(item));
}

describe("thinning out a list", () => {
  it("leaves what is needed, wherever it stands, in its order", () => {
    for (const needed of [[], [0], [99], [3, 4], [0, 50, 99], [10, 11, 12, 70]]) {
      expect(thinOut(HUNDRED, includesAll(needed))).toEqual(needed);
    }
  });

  it("leaves nothing that could go by itself", () => {
    // Any three will do, so long as their sum is even.
    const willDo = (rest: readonly number[]): boolean => rest.length >= 3 && rest.reduce((a, b) => a + b, 0) % 2 === 0;
    const kept = thinOut(HUNDRED, willDo);
    expect(willDo(kept)).toBe(true);
    for (const out of kept) expect(willDo(kept.filter((item) => item !== out))).toBe(false);
  });

  it("asks about few lists where few items are needed", () => {
    let asked = 0;
    thinOut(HUNDRED, (rest) => {
      asked += 1;
      return includesAll([17, 62])(rest);
    });
    expect(asked).toBeLessThan(60);
  });

  it("leaves an empty list as it is", () => {
    expect(thinOut([], () => true)).toEqual([]);
  });
});
