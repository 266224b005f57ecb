import { formatDuration, type Simulation } from "@balsa/sim";
import { formatCount } from "./text.js";

/** How far a run is, in one line. */
export function simulationProgress({ timeMs, scenario, steps, commandsCommitted }: Simulation): string {
  const total = scenario.durationMs;
  const share = total === undefined ? "" : ` of ${formatDuration(total)}`;
  const commands = scenario.workload?.commands;
  const goal = commands === undefined ? "" : ` of ${formatCount(commands)}`;
  return `${formatDuration(timeMs)}${share} simulated, ${formatCount(commandsCommitted)}${goal} commands, ${formatCount(steps)} steps`;
}
