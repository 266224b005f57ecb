import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigurationSet } from "../src/configurationSet.js";

describe("ConfigurationSet", () => {
  it("knows exactly the configurations that were added, however many", () => {
    const few = fc.integer({ min: -3, max: 3 });
    const configuration = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }), few, few);
    fc.assert(
      fc.property(fc.array(configuration, { minLength: 600, maxLength: 3_000 }), (configurations) => {
        const set = new ConfigurationSet(2);
        const known = new Set<string>();
        for (const [nextReturn, stateNumber, ...bits] of configurations) {
          const name = JSON.stringify([nextReturn, stateNumber, bits]);
          expect(set.add(nextReturn, stateNumber, Int32Array.from(bits))).toBe(!known.has(name));
          known.add(name);
        }
        expect(set.size).toBe(known.size);
      }),
      { numRuns: 20 },
    );
  });
});
