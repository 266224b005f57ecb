import type { Scenario } from "@balsa/sim";
import { expect } from "vitest";
import { RecipeError, RefusedError } from "../../src/index.js";
import type { ServiceOptions, ServiceRun } from "./simulateService.js";

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

/** Instances whose clocks run as far apart as leases allow, and which stand still for longer than those last. */
export const STANDING_STILL: ServiceOptions = {
  instances: 4,
  clockDrift: 0.04,
  pauseEveryMs: 2_000,
  maxPauseMs: 3_000,
};

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
