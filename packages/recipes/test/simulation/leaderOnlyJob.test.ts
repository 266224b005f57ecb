import type { ProgramWorld } from "@balsa/sim";
import { expect, test } from "vitest";
import { LeaderOnlyJob } from "../../src/index.js";
import { expectHeld, RUNNING, SEEDS, troubled } from "../support/faults.js";
import { simulateService } from "../support/simulateService.js";

test.each(SEEDS)("a leader-only job is told to end before another begins, and is never far, seed %i", async (seed) => {
  const running = new Set<string>();
  const terms: number[] = [];
  let most = 0;
  let world: ProgramWorld | null = null;
  let idleSince: number | null = 0;
  let longestIdle = 0;
  const run = await simulateService(troubled(seed), RUNNING, async (instance, around) => {
    world ??= around;
    const { name, clock, recipes, random, signal, sleep } = instance;
    const lock = recipes.lock("job", { ttlMs: 1_000, owner: name });
    const job = new LeaderOnlyJob(
      lock,
      async (reign) => {
        terms.push(reign.term);
        running.add(name);
        most = Math.max(most, running.size);
        if (idleSince !== null) longestIdle = Math.max(longestIdle, around.nowMs - idleSince);
        idleSince = null;
        // The set is left the very moment that the signal is aborted.
        reign.signal.addEventListener("abort", () => {
          running.delete(name);
          if (running.size === 0) idleSince = around.nowMs;
        });
        while (!reign.signal.aborted) await sleep(100 * random());
      },
      { clock, onError: (error) => expect(error).toBe("never") },
    );
    await job.run(signal);
  });
  expectHeld(run);
  expect(most).toBe(1);
  expect(terms.length).toBeGreaterThan(1);
  expect(terms).toEqual([...terms].sort((a, b) => a - b));
  expect(longestIdle).toBeLessThan(20_000);
});
