import { isTimedFaults } from "../faults/expandScenario.js";
import type { Scenario } from "../scenario/scenario.js";

/** How much there is in a scenario. Null where it is drawn and not listed. */
export interface ScenarioSize {
  readonly faults: number | null;
  readonly nodes: number;
  readonly commands: number | null;
  /** Reads beside the log. */
  readonly reads: number | null;
  /** Null where the run lasts until all is answered. */
  readonly durationMs: number | null;
}

export function scenarioSize(scenario: Scenario): ScenarioSize {
  const { faults = [], nodes, workload, durationMs = null } = scenario;
  const requests = workload?.requests ?? null;
  const reads = requests?.filter(({ type }) => type === "read").length ?? null;
  return {
    faults: isTimedFaults(faults) ? faults.length : null,
    nodes,
    commands: requests === null ? (workload?.commands ?? null) : requests.length - (reads ?? 0),
    reads,
    durationMs,
  };
}
