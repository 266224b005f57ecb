import { expect, test } from "vitest";
import { expectHeld, SEEDS, STANDING_STILL, troubled } from "../support/faults.js";
import { EPOCH_MS, simulateService } from "../support/simulateService.js";

const EVERY_SECOND = "* * * * * *";
/** As long as the run, so that nothing that is due in it is given up for being late. */
const START_WITHIN_MS = 31_000;

async function runTask(seed: number, onFailure: "skip" | "retry") {
  const begun = new Map<number, number>();
  const done = new Map<number, number>();
  const fences: number[] = [];
  const run = await simulateService(troubled(seed), STANDING_STILL, async ({ recipes, random, signal, sleep }) => {
    const options = {
      cron: EVERY_SECOND,
      ttlMs: 1_000,
      startWithinMs: START_WITHIN_MS,
      onFailure,
      onError: () => undefined,
    };
    const task = recipes.task("t", options, async ({ dueAt, lease }) => {
      const due = dueAt.getTime();
      if (due < EPOCH_MS) return;
      begun.set(due, (begun.get(due) ?? 0) + 1);
      fences.push(lease.fence);
      await sleep(300 * random());
      if (random() < 0.1) throw new Error("the work failed");
      done.set(due, (done.get(due) ?? 0) + 1);
    });
    await task.run(signal);
  });
  expectHeld(run);
  expect(fences).toEqual([...fences].sort((a, b) => a - b));
  return { begun, done };
}

test.each(SEEDS)("a task that is to be skipped runs at most once for each time it is due, seed %i", async (seed) => {
  const { begun, done } = await runTask(seed, "skip");
  expect(Math.max(...begun.values())).toBe(1);
  expect(done.size).toBeGreaterThan(5);
});

test.each(SEEDS)("a task that is to be retried is done at least once, seed %i", async (seed) => {
  const { begun, done } = await runTask(seed, "retry");
  // What was begun is done before anything later is begun: so only the last may not have come to its end.
  const last = Math.max(...begun.keys());
  expect([...begun.keys()].filter((due) => !done.has(due) && due !== last)).toEqual([]);
  expect(done.size).toBeGreaterThan(5);
});
