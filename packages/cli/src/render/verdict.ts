import { formatDuration, type SimulationReport, type SimulationSummary, type Violation } from "@balsa/sim";
import { formatSeconds } from "../duration.js";
import { formatCount, plural, printable, words } from "./text.js";

/** What was violated, at which step, and how to see it again: one line, for whoever reads only one. */
export function violationLine(violation: Violation, replay: string): string {
  const { check, step, timeMs, node, message } = violation;
  const where = `at step ${String(step)} (${formatSeconds(timeMs)} s, ${node})`;
  return `VIOLATED: ${words(check)}, ${where}: ${sentence(printable(message))} Replay: ${replay}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** How it stands, in a sentence, when nothing was violated. */
export function outcomeLine(report: SimulationSummary): string {
  const counts = Object.values(report.checks).filter((count) => count > 0);
  const checks = counts.reduce((sum, count) => sum + count, 0);
  return `OK: all held. ${plural(counts.length, "rule")} checked ${formatCount(checks)} times.`;
}

export function tellLinearizable({ linearizable, checks }: SimulationSummary): string {
  if (linearizable !== "unknown") return linearizable ? "yes" : "NO";
  const looked = (checks["linearizability"] ?? 0) > 0;
  return looked ? "unknown: the history was too large to decide" : "not looked at: the run ended before";
}

export function tellRecovery(report: SimulationReport): string {
  if (report.recoveredAfterMs === null) return "not seen: the run ended before";
  return `served again ${formatDuration(report.recoveredAfterMs)} after a majority was healed`;
}

/** What a wrong line of the input, null where it broke off otherwise, left of the run. */
export function tellStopped(report: SimulationReport, inputLine: number | null): string {
  const where = inputLine === null ? "the input broke off" : `line ${formatCount(inputLine)} of the input is wrong`;
  return `STOPPED: ${where}. ${plural(report.commandsCommitted, "command")} committed before.`;
}
