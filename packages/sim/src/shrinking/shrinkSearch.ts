import { Digest } from "../digest/digest.js";
import { isTimedFaults } from "../faults/expandScenario.js";
import type { CheckName } from "../invariants/checks.js";
import type { SimulationReport, Violation } from "../report/report.js";
import type { Scenario } from "../scenario/scenario.js";
import { ScenarioError } from "../scenario/scenarioError.js";
import { validateScenario } from "../scenario/validateScenario.js";
import { createSimulation } from "../world/simulate.js";
import type { SimulationHooks } from "../world/simulation.js";
import { scenarioSize, type ScenarioSize } from "./scenarioSize.js";

export interface ShrinkOptions {
  /** How often a smaller scenario is tried. Default 4,000. */
  readonly maxRuns?: number;
  /** Asked now and then, also in the middle of a run; once it says yes, the best so far is the result. */
  readonly shouldStop?: () => boolean;
  /** Told whenever a smaller scenario failed, too. */
  readonly onProgress?: (progress: ShrinkProgress) => void;
}

export interface ShrinkProgress {
  readonly runs: number;
  /** What is being reduced. */
  readonly pass: string;
  readonly size: ScenarioSize;
  readonly scenario: Scenario;
}

const DEFAULT_MAX_RUNS = 4_000;
/** A candidate may take this many times the steps of the scenario it came from. */
const STEP_FACTOR = 3;
const STEPS_ON_TOP = 20_000;
/** Between two looks at the time. */
const STEPS_AT_ONCE = 10_000;

/** Holds the smallest scenario that still fails the check, and tries others in its place. */
export class ShrinkSearch {
  readonly check: CheckName;
  pass = "";
  #best: Scenario;
  #violation: Violation;
  #steps: number;
  #runs = 0;
  readonly #options: ShrinkOptions;
  /** Their digests: a run is a function of its scenario, so none is tried twice, and the search can't go round in circles. */
  readonly #tried = new Set<string>();

  /** @param failed what `failing` came to; its first violation is of `check` */
  constructor(failing: Scenario, check: CheckName, violation: Violation, steps: number, options: ShrinkOptions) {
    this.check = check;
    this.#best = failing;
    this.#violation = violation;
    this.#steps = steps;
    this.#options = options;
  }

  get best(): Scenario {
    return this.#best;
  }

  get violation(): Violation {
    return this.#violation;
  }

  get runs(): number {
    return this.#runs;
  }

  /** Whether the budget is used up. */
  get isSpent(): boolean {
    return this.#runs >= (this.#options.maxRuns ?? DEFAULT_MAX_RUNS) || this.#options.shouldStop?.() === true;
  }

  /** Whether the violation showed while the faults went on, and not after they had ended. */
  get isEarly(): boolean {
    return this.#violation.timeMs < (this.#best.durationMs ?? 0);
  }

  /** Takes the candidate for the best if it fails the same check, unless it was tried before. */
  attempt(candidate: Scenario): boolean {
    if (this.isSpent) return false;
    const digest = digestOf(candidate);
    if (this.#tried.has(digest)) return false;
    this.#tried.add(digest);
    if (!makesSense(candidate)) return false;
    const report = this.#run(candidate, {});
    const violation = report?.violations[0];
    const isLate = this.isEarly && (violation?.timeMs ?? 0) >= (candidate.durationMs ?? 0);
    if (report === null || violation?.check !== this.check || isLate) return false;
    this.#best = cutBehind(candidate, violation);
    this.#violation = violation;
    this.#steps = report.steps;
    this.#tried.add(digestOf(this.#best));
    this.#options.onProgress?.({
      runs: this.#runs,
      pass: this.pass,
      size: scenarioSize(this.#best),
      scenario: this.#best,
    });
    return true;
  }

  /** Runs the best once more, for what can be learnt of it. */
  runAgain(hooks: SimulationHooks): void {
    this.#run(this.#best, hooks);
  }

  /** Like `attempt`, and then with other seeds: what a small scenario needs by chance, some seed will give it. */
  attemptWithSeeds(candidate: Scenario, seeds: number): boolean {
    if (this.attempt(candidate)) return true;
    for (let seed = 1; seed <= seeds && !this.isSpent; seed += 1) {
      if (seed !== candidate.seed && this.attempt({ ...candidate, seed })) return true;
    }
    return false;
  }

  /** Null when it takes too long, or comes past the time in which it should have failed. */
  #run(candidate: Scenario, hooks: SimulationHooks): SimulationReport | null {
    this.#runs += 1;
    const maxSteps = STEP_FACTOR * this.#steps + STEPS_ON_TOP;
    const mustBeEarly = this.isEarly;
    const simulation = createSimulation(candidate, hooks);
    while (simulation.run({ maxSteps: STEPS_AT_ONCE }) !== "done") {
      if (simulation.steps > maxSteps || this.#options.shouldStop?.() === true) return null;
      if (mustBeEarly && simulation.phase !== "faults") return null;
    }
    return simulation.report();
  }
}

/** What lies behind the violation never happens, so it can go; the run up to there stays as it was. */
function cutBehind(scenario: Scenario, violation: Violation): Scenario {
  const { durationMs, faults = [], workload } = scenario;
  if (durationMs === undefined || violation.timeMs >= durationMs) return scenario;
  const endMs = Math.min(durationMs, Math.floor(violation.timeMs) + 1);
  const isBefore = ({ atMs }: { readonly atMs: number }): boolean => atMs < endMs;
  const requests = workload?.requests?.filter(isBefore);
  return {
    ...scenario,
    durationMs: endMs,
    ...(requests === undefined ? {} : { workload: { ...workload, requests } }),
    ...(isTimedFaults(faults) ? { faults: faults.filter(isBefore) } : {}),
  };
}

/** Some settings depend on others, so that not each can be dropped by itself. */
function makesSense(scenario: Scenario): boolean {
  try {
    validateScenario(scenario);
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}

function digestOf(scenario: Scenario): string {
  const digest = new Digest();
  digest.addText(JSON.stringify(scenario));
  return digest.hex();
}
