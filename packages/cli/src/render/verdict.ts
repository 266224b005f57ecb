import type { SimulationReport, SimulationSummary, Violation } from "@balsa/sim";
import { formatDuration, formatSeconds } from "../duration.js";
import { formatCount, plural, printable, words } from "./text.js";

/** What was violated, at which step, and how to see it again: one line, for whoever reads only one. */
export function violationLine(violation: Violation, replay: string): string {
  const { check, step, timeMs, node, message } = violation;
  const where = `at step ${String(step)} (${formatSeconds(timeMs)} s, ${node})`;
  return `VIOLATED: ${words(check)}, ${where}: ${printable(message)} Replay: ${replay}`;
}

/** How it stands, in a sentence, when nothing was violated. */
export function outcomeLine(report: SimulationSummary): string {
  const counts = Object.values(report.checks).filter((count) => count > 0);
  const checks = counts.reduce((sum, count) => sum + count, 0);
  return `OK: all held. ${plural(counts.length, "rule")} checked ${formatCount(checks)} times.`;
}

export function tellLinearizable({ linearizable, violations }: SimulationSummary): string {
  if (linearizable !== "unknown") return linearizable ? "yes" : "NO";
  return violations.length > 0 ? "not looked at: the run ended before" : "unknown: the history was too large to decide";
}

export function tellRecovery(report: SimulationReport): string {
  if (report.recoveredAfterMs === null) return "not seen: the run ended before";
  return `served again ${formatDuration(report.recoveredAfterMs)} after a majority was healed`;
}
