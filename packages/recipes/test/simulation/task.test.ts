import { expect, test } from "vitest";
import { expectHeld, STANDING_STILL, troubled } from "../support/faults.js";
import { simulateService } from "../support/simulateService.js";

const EVERY_SECOND = "* * * * * *";

async function runTask(seed: number, onFailure: "skip" | "retry") {
  const begun = new Map<number, number>();
  const done = new Map<number, number>();
  const fences: number[] = [];
  const run = await simulateService(troubled(seed), STANDING_STILL, async ({ recipes, random, signal, sleep }) => {
    const options = { cron: EVERY_SECOND, ttlMs: 1_000, startWithinMs: 10_000, onFailure };
    const task = recipes.task("t", options, async ({ dueAt, lease }) => {
      const due = dueAt.getTime();
      begun.set(due, (begun.get(due) ?? 0) + 1);
      fences.push(lease.fence);
      await sleep(300 * random());
      if (random() < 0.1) throw new Error("the work failed");
      if (lease.isHeld) done.set(due, (done.get(due) ?? 0) + 1);
    });
    await task.run(signal);
  });
  expectHeld(run);
  expect(fences).toEqual([...fences].sort((a, b) => a - b));
  return { begun: [...begun.values()], done: [...done.values()] };
}

test.each([1, 2])("a task that is to be skipped runs at most once for each time it is due, seed %i", async (seed) => {
  const { begun, done } = await runTask(seed, "skip");
  expect(Math.max(...begun)).toBe(1);
  expect(done.length).toBeGreaterThan(5);
});

test.each([1, 2])("a task that is to be retried is done at least once, seed %i", async (seed) => {
  const { begun, done } = await runTask(seed, "retry");
  expect(Math.max(...begun)).toBeGreaterThan(1);
  // All that were begun, but for those at the end, which nobody came to again.
  expect(begun.length - done.length).toBeLessThanOrEqual(3);
  expect(done.length).toBeGreaterThan(5);
});
