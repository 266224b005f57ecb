import { completeOptions, InvalidOptionError } from "@balsa/core";
import type { Scenario } from "./scenario.js";
import { ScenarioError } from "./scenarioError.js";
import { SCENARIO_SHAPE } from "./scenarioShape.js";
import { mismatch } from "./shape.js";

/**
 * Takes a parsed JSON document for a scenario.
 * @throws ScenarioError naming the first place that is wrong, what is there and what belongs there.
 */
export function validateScenario(document: unknown): Scenario {
  const found = mismatch(document, SCENARIO_SHAPE);
  if (found !== null) throw new ScenarioError(found.path, found.found, found.expected);
  const scenario = document as Scenario; // its shape was checked just now, field by field
  checkRaftOptions(scenario);
  checkMix(scenario);
  return scenario;
}

/** What no schema can say: the bounds of each option are the core's, and some options depend on others. */
function checkRaftOptions(scenario: Scenario): void {
  try {
    completeOptions(scenario.raft);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new ScenarioError(`raft.${error.option}`, String(error.value), expectation(error), { cause: error });
  }
}

function expectation(error: InvalidOptionError): string {
  return /it must be (.*)\.$/u.exec(error.message)?.[1] ?? "another value";
}

function checkMix(scenario: Scenario): void {
  const mix = scenario.workload?.mix;
  if (mix === undefined) return;
  if (!Object.values(mix).some((weight) => weight > 0)) {
    throw new ScenarioError("workload.mix", "no kind of command with a weight above 0", "at least one");
  }
}
