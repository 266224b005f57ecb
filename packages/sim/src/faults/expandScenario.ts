import type { Scenario } from "../scenario/scenario.js";
import type { TimedFault } from "../scenario/timedFault.js";
import { ScenarioError } from "../scenario/scenarioError.js";
import { PLAN_WINDOW_MS, planWindow } from "./planFaults.js";

/**
 * The same scenario with every fault listed. It runs exactly as the other, and single faults can be taken out of it.
 * @throws ScenarioError for a plan without `durationMs`, whose faults have no end
 */
export function expandScenario(scenario: Scenario): Scenario {
  const { faults, durationMs } = scenario;
  if (faults === undefined) return { ...scenario, faults: [] };
  if (isTimedFaults(faults)) return scenario;
  if (durationMs === undefined) throw new ScenarioError("durationMs", "nothing", "a duration, to draw the faults for");
  const listed: TimedFault[] = [];
  for (let window = 0; window * PLAN_WINDOW_MS < durationMs; window += 1) {
    listed.push(...planWindow(scenario, faults, window).filter(({ atMs }) => atMs < durationMs));
  }
  return { ...scenario, faults: listed };
}

export function isTimedFaults(faults: NonNullable<Scenario["faults"]>): faults is readonly TimedFault[] {
  return Array.isArray(faults);
}
