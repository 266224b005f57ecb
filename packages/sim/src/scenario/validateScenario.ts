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
  checkRequests(scenario);
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

/** Listed requests say all that is asked for, and what the machine can do. */
function checkRequests({ workload, machine }: Scenario): void {
  if (workload?.requests === undefined) return;
  for (const name of Object.keys(workload)) {
    if (name === "requests" || name === "requestTimeoutMs" || name === "forwardingShare") continue;
    throw new ScenarioError(`workload.${name}`, "a field that draws requests", "none beside workload.requests");
  }
  for (const [index, request] of workload.requests.entries()) {
    const isOfCounter = request.type === "read" ? request.key === undefined : request.type === "add";
    if (isOfCounter === (machine === "counter")) continue;
    const found = request.type === "read" ? `a read ${isOfCounter ? "without" : "with"} a key` : `"${request.type}"`;
    throw new ScenarioError(`workload.requests[${index}]`, found, `a request that the machine ${machine} can answer`);
  }
}
