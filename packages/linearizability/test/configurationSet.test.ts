import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigurationSet } from "../src/configurationSet.js";

const isSubset = (left: number, right: number): boolean => (left & ~right) === 0;

describe("ConfigurationSet", () => {
  it("knows exactly the configurations that were added, and those that have used more lost operations, however many", () => {
    const few = fc.integer({ min: -3, max: 3 });
    const configuration = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 6 }), few, few, few);
    fc.assert(
      fc.property(fc.array(configuration, { minLength: 600, maxLength: 3_000 }), (configurations) => {
        const set = new ConfigurationSet(1, 2);
        const known = new Map<string, (readonly [number, number])[]>();
        let added = 0;
        for (const [nextReturn, stateNumber, certain, lost, alsoLost] of configurations) {
          const name = JSON.stringify([nextReturn, stateNumber, certain]);
          const used = known.get(name) ?? [];
          const isKnown = used.some(([first, second]) => isSubset(first, lost) && isSubset(second, alsoLost));
          expect(set.add(nextReturn, stateNumber, Int32Array.from([certain, lost, alsoLost]))).toBe(!isKnown);
          if (isKnown) continue;
          added++;
          known.set(name, [...used, [lost, alsoLost]]);
        }
        expect(set.size).toBe(added);
      }),
      { numRuns: 20 },
    );
  });

  it("says beforehand how many bytes it will hold", () => {
    const set = new ConfigurationSet(1, 1);
    for (let number = 0; number < 5_000; number++) {
      const announced = set.bytesNeededNext;
      set.add(number, 0, new Int32Array(2));
      expect(set.bytes).toBeLessThanOrEqual(announced);
    }
  });
});
