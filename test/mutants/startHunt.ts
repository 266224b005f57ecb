import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Found, Hunt } from "./hunt.js";
import type { Mutant } from "./mutant.js";

const MOST_OUTPUT_BYTES = 64 * 1_024 * 1_024;

const OWN_SCENARIO = {
  version: 1,
  nodes: 5,
  machine: "kv",
  durationMs: 20_000,
  faults: { classes: ["network", "crash", "disk", "clock", "membership"] },
} as const;

/** The scenario that a mutant is hunted in; null: the swarm. */
export function scenarioFor({ scenario }: Mutant): Hunt["scenario"] {
  return scenario === undefined ? null : { ...OWN_SCENARIO, ...scenario };
}

/** Hunts in a build, in a process of its own; null when no seed was violated. */
export async function startHunt(folder: string, hunt: Hunt): Promise<Found | null> {
  const { stdout } = await promisify(execFile)(process.execPath, ["hunt.js", JSON.stringify(hunt)], {
    cwd: folder,
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  return JSON.parse(stdout) as Found | null;
}
