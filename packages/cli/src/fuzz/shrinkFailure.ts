import { CHECK_NAMES, shrinkScenario, simulate, type Scenario, type TraceEvent, type Violation } from "@balsa/sim";
import { Storyteller } from "../render/storyteller.js";
import { plain } from "../render/style.js";
import type { Shrunk } from "./failure.js";

const MAX_SHRINK_RUNS = 3_000;
const STORY_LINES = 16;
const STORY_WIDTH = 100;

/** Reduces a failing scenario, until `shouldStop` or nothing more can be left out. */
export function shrinkFailure(scenario: Scenario, violation: Violation, shouldStop: () => boolean): Shrunk {
  const check = CHECK_NAMES.find((name) => name === violation.check);
  if (check === undefined) throw new Error(`there is no check of the name ${violation.check}`);
  const shrunk = shrinkScenario(scenario, check, { maxRuns: MAX_SHRINK_RUNS, shouldStop });
  return {
    scenario: { ...shrunk.scenario, description: violation.message },
    violation: shrunk.violation,
    runs: shrunk.runs,
    story: lastSteps(shrunk.scenario),
  };
}

/** The end of what a run has to tell. */
export function lastSteps(scenario: Scenario): readonly string[] {
  const storyteller = new Storyteller(plain, STORY_WIDTH);
  let told: string[] = [];
  simulate(scenario, {
    onTrace: (event: TraceEvent) => {
      const lines = storyteller.tell(event);
      if (lines.length > 0) told = [...told, ...lines].slice(-STORY_LINES);
    },
  });
  return told;
}
