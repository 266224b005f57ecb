import { expect, test } from "vitest";
import { expectHeld, orNull, SEEDS, STANDING_STILL, troubled } from "../support/faults.js";
import { simulateService } from "../support/simulateService.js";

test.each(SEEDS)("a counter counts each addition once, and a limit is one for all, seed %i", async (seed) => {
  let added = 0;
  let unknown = 0;
  let highest = 0;
  let allowed = 0;
  let refused = 0;
  let unknownTakes = 0;
  const run = await simulateService(troubled(seed), STANDING_STILL, async ({ recipes, random, signal, sleep }) => {
    const counter = recipes.counter("c");
    const limiter = recipes.rateLimiter("l", { capacity: 10, perSecond: 5 });
    while (!signal.aborted) {
      const answer = await orNull(counter.add(1, { timeoutMs: 3_000 }));
      if (answer === null) unknown += 1;
      else {
        added += 1;
        highest = Math.max(highest, answer.value);
      }
      const taken = await orNull(limiter.take("k", 1, { timeoutMs: 3_000 }));
      if (taken === null) unknownTakes += 1;
      else if (taken.allowed) allowed += 1;
      else refused += 1;
      await sleep(100 * random());
    }
  });
  expectHeld(run);
  expect(added).toBeGreaterThan(50);
  expect(highest).toBeGreaterThanOrEqual(added);
  expect(highest).toBeLessThanOrEqual(added + unknown);
  // The replicated clock runs no faster than the leader's, which may be a tenth too fast.
  expect(allowed).toBeLessThanOrEqual(10 + 5 * 30 * 1.1);
  expect(refused + unknownTakes).toBeGreaterThan(0);
});
