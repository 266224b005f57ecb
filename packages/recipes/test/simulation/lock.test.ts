import type { ProgramWorld, Scenario } from "@balsa/sim";
import { describe, expect, test } from "vitest";
import { RecipeError, type Lease } from "../../src/index.js";
import { RUNNING, SEEDS, STANDING_STILL, troubled } from "../support/faults.js";
import { FencedStorage } from "../support/fencedStorage.js";
import { simulateService, type Instance, type ServiceOptions } from "../support/simulateService.js";

/** Looks from outside of all clocks who believes to hold what. */
class Watch {
  readonly held = new Set<{ readonly name: string; readonly lease: Lease; readonly process: Instance["process"] }>();
  most = 0;
  grants = 0;

  constructor(world: ProgramWorld) {
    const look = (): void => {
      this.most = Math.max(this.most, [...this.held].filter(({ lease }) => lease.isHeld).length);
      world.after(1, look);
    };
    look();
  }
}

async function contend(seed: number, options: ServiceOptions, permits = 1, more: Partial<Scenario> = {}) {
  const storage = new FencedStorage();
  let watch: Watch | null = null;
  const run = await simulateService({ ...troubled(seed), ...more }, options, async (instance, world) => {
    watch ??= new Watch(world);
    const seen = watch;
    const { name, process, recipes, random, signal, sleep } = instance;
    const semaphore = recipes.semaphore("s", permits, { ttlMs: 1_000, owner: name });
    while (!signal.aborted) {
      try {
        await semaphore.use(
          async (lease) => {
            const holding = { name, lease, process };
            seen.held.add(holding);
            seen.grants += 1;
            const until = instance.clock.now() + 1_500 * random();
            // It looks, and writes a little later: if it stood still in between, the storage must refuse it.
            while (instance.clock.now() < until && lease.isHeld) {
              await sleep(20 * random());
              storage.write(lease.fence, name);
            }
            seen.held.delete(holding);
          },
          { timeoutMs: 20_000 },
        );
      } catch (error) {
        if (!(error instanceof RecipeError) && !(error instanceof Error && error.name === "RefusedError")) throw error;
      }
      await sleep(100 * random());
    }
  });
  expect(run.report.violations).toEqual([]);
  expect(run.failures).toEqual([]);
  return { storage, watch: watch! };
}

describe("a lock with a fence, under partitions, crashes and clocks that run apart", () => {
  test.each(SEEDS)("is believed to be held by one at a time, seed %i", async (seed) => {
    const { watch, storage } = await contend(seed, RUNNING);
    expect(watch.most).toBe(1);
    expect(watch.grants).toBeGreaterThan(5);
    expect(storage.refused).toBe(0);
  });

  test("has the storage refuse who stood still beyond its time, and nobody else", async () => {
    let refused = 0;
    for (const seed of [1, 2, 3]) {
      const { storage } = await contend(seed, STANDING_STILL);
      refused += storage.refused;
      const fences = storage.accepted.map(({ fence }) => fence);
      expect(fences).toEqual([...fences].sort((a, b) => a - b));
      const byFence = new Map(storage.accepted.map(({ fence, by }) => [fence, by]));
      for (const { fence, by } of storage.accepted) expect(byFence.get(fence)).toBe(by);
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("a semaphore of two is held by two at a time, and never by three", async () => {
    const { watch } = await contend(5, { ...RUNNING, instances: 5 }, 2);
    expect(watch.most).toBe(2);
  });

  test("clocks that run further apart than is allowed break it: the check can fail", async () => {
    const most = [];
    for (const seed of [1, 2, 3]) most.push((await contend(seed, { ...RUNNING, clockDrift: 0.9 })).watch.most);
    expect(Math.max(...most)).toBeGreaterThan(1);
  });
});
