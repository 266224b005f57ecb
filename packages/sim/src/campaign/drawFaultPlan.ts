import { DEFAULT_OPTIONS } from "@balsa/core";
import type { FaultPlan } from "../scenario/scenario.js";
import { FAULT_CLASSES, FAULT_KINDS, type FaultClass, type FaultKind } from "../scenario/timedFault.js";
import type { Draw } from "./draw.js";

const SLOWEST = 0.2;
const FASTEST = 2;

/**
 * How much faster than usual faults may follow each other: they last some election timeouts each, so with long ones they
 * must be rarer, or nothing would ever be up.
 */
export function paceFor(electionTimeoutMs: number): number {
  const pace = DEFAULT_OPTIONS.electionTimeoutMs / electionTimeoutMs;
  return Math.round(Math.max(SLOWEST, Math.min(FASTEST, pace)) * 100) / 100;
}

/**
 * A random subset of all faults, each kind with a rate of its own (Groce and others, "Swarm Testing", ISSTA 2012: what is
 * left out of a test is what lets it reach what the others would have hidden).
 */
export function drawFaultPlan(draw: Draw, electionTimeoutMs: number): FaultPlan {
  const classes = FAULT_CLASSES.filter((name) => draw.chance(`faults/${name}/on`, 0.65));
  const intensities: Partial<Record<FaultClass, number>> = {};
  for (const name of classes) intensities[name] = draw.scale(`faults/${name}/intensity`, 2, 64) / 10;
  const shares: Partial<Record<FaultKind, number>> = {};
  for (const kind of FAULT_KINDS) {
    if (draw.chance(`faults/${kind}/off`, 0.3)) shares[kind] = 0;
    else if (draw.chance(`faults/${kind}/some`, 0.4)) shares[kind] = draw.part(`faults/${kind}/share`, 0.05, 1);
  }
  return { classes, intensity: paceFor(electionTimeoutMs), intensities, shares };
}
