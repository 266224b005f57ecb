import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeenRequests } from "../../src/forwarding/seenRequests.js";

describe("forwarded requests that were seen", () => {
  it("are new once each, in whatever order they come and however often", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 }), (ids) => {
        const seen = new SeenRequests();
        const known = new Set<number>();
        for (const id of ids) {
          expect(seen.note("b", id)).toBe(!known.has(id));
          known.add(id);
        }
      }),
    );
  });

  it("are told apart by sender and by the sender's process", () => {
    const seen = new SeenRequests();
    expect(seen.note("b", 1)).toBe(true);
    expect(seen.note("c", 1)).toBe(true);
    expect(seen.note("b", 2 ** 32 + 1)).toBe(true);
    expect(seen.note("b", 2 ** 32 + 1)).toBe(false);
  });

  it("count as seen rather than as new where too much is out of order", () => {
    const seen = new SeenRequests();
    for (let id = 3; id <= 20_001; id += 2) expect(seen.note("b", id)).toBe(true);
    expect(seen.note("b", 2)).toBe(false);
    for (let id = 3; id <= 20_001; id += 2) expect(seen.note("b", id)).toBe(false);
    expect(seen.note("b", 20_002)).toBe(true);
  });
});
