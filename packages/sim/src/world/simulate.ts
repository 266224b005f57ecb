import type { SimulationReport } from "../report/report.js";
import type { Scenario } from "../scenario/scenario.js";
import { ScenarioError } from "../scenario/scenarioError.js";
import { validateScenario } from "../scenario/validateScenario.js";
import type { Simulation, SimulationHooks } from "./simulation.js";
import { SimulationRun } from "./simulationRun.js";

/**
 * Makes the world of a scenario. Nothing happens until `run` is called.
 * @throws ScenarioError when the scenario makes no sense.
 */
export function createSimulation(scenario: Scenario, hooks: SimulationHooks = {}): Simulation {
  const valid = validateScenario(scenario);
  const { commands, requests } = valid.workload ?? {};
  const hasEnd = commands !== undefined || requests !== undefined || hooks.commands !== undefined;
  if (valid.durationMs === undefined && !hasEnd) {
    throw new ScenarioError("durationMs", "nothing", "a duration, unless the workload has a number of commands");
  }
  return new SimulationRun(valid, hooks);
}

/** Runs a scenario from beginning to end. */
export function simulate(scenario: Scenario, hooks: SimulationHooks = {}): SimulationReport {
  const simulation = createSimulation(scenario, hooks);
  while (simulation.run() === "running");
  return simulation.report();
}
