import { Coverage, createSimulation, drawScenario, type ProfileName, type Violation } from "@balsa/sim";

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly digest: string;
  readonly simulatedMs: number;
  /** In the order of `SITUATIONS`. */
  readonly coverage: Uint32Array;
  /** The search for an order of all operations ended without an answer: so much of the run was not checked. */
  readonly undecided: boolean;
  /** Null when all held. */
  readonly violation: Violation | null;
}

const SLICE_STEPS = 10_000;
/** No drawn run takes a tenth of it: one that does will not end. */
const MAX_STEPS = 50_000_000;

/** Runs the scenario of one seed. `alive` is called now and then. */
export function runSeed(profile: ProfileName, seed: number, alive: () => void, maxSteps = MAX_STEPS): SeedResult {
  const coverage = new Coverage();
  const simulation = createSimulation(drawScenario(profile, seed), { coverage });
  const slice = { maxSteps: Math.min(SLICE_STEPS, maxSteps) };
  while (simulation.run(slice) !== "done" && simulation.steps < maxSteps) alive();
  const { digest, simulatedMs, violations, ok, linearizable } = simulation.report();
  const endless: Violation = {
    check: "noFailure",
    step: simulation.steps,
    timeMs: simulation.timeMs,
    node: "world",
    message: `the run has not ended after ${String(maxSteps)} steps`,
  };
  const violation = violations[0] ?? (ok ? null : endless);
  return {
    seed,
    digest,
    simulatedMs,
    coverage: coverage.counts,
    undecided: ok && linearizable === "unknown",
    violation,
  };
}
