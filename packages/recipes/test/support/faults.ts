import type { Scenario } from "@balsa/sim";
import { expect } from "vitest";
import { RecipeError, RefusedError } from "../../src/index.js";
import type { ServiceOptions, ServiceRun } from "./simulateService.js";

/** The seeds that are run: one, or as many as the environment variable `BALSA_SEEDS` says. */
export const SEEDS = Array.from({ length: Number(process.env["BALSA_SEEDS"] ?? 1) }, (_, i) => i + 1);

/** Half a minute of trouble. */
export function troubled(seed: number): Scenario {
  return {
    version: 1,
    seed,
    nodes: 3,
    machine: "kv",
    raft: { leaseReads: true }, // then clocks run apart as far as leases allow, and no further
    durationMs: 30_000,
    faults: { classes: ["network", "crash", "clock", "disk"] },
  };
}

/** Instances whose clocks run as far apart as leases allow, and which stand still, or are cut off, for longer than those last. */
export const STANDING_STILL: ServiceOptions = {
  instances: 4,
  clockDrift: 0.04,
  pauseEveryMs: 2_000,
  maxPauseMs: 3_000,
  cutEveryMs: 5_000,
  maxCutMs: 3_000,
};

/** They run all the time, with clocks as far apart, and are cut off for longer than leases last. */
export const RUNNING: ServiceOptions = { instances: 4, clockDrift: 0.04, cutEveryMs: 2_000, maxCutMs: 3_000 };

export function expectHeld({ report, failures }: ServiceRun): void {
  expect(report.violations).toEqual([]);
  expect(failures).toEqual([]);
}

/** What came of it; null where the cluster or the recipe could not do it now. */
export async function orNull<T>(doing: Promise<T>): Promise<T | null> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof RecipeError || error instanceof RefusedError) return null;
    throw error;
  }
}
