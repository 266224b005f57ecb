import { formatDuration, type FinalState, type LatencySummary, type SimulationReport } from "@balsa/sim";
import type { Paint } from "./style.js";
import { renderTable, type Column } from "./table.js";
import { formatCount, plural, words, wrapList } from "./text.js";
import { renderTimeline } from "./timeline.js";
import { outcomeLine, tellLinearizable, tellRecovery, tellStopped, violationLine } from "./verdict.js";

export interface ReportContext {
  readonly paint: Paint;
  readonly width: number;
  readonly wallMs: number;
  /** The command that makes the same run again. */
  readonly replay: string;
  /** The run was stopped by the user before its end. */
  readonly interrupted: boolean;
  /** The line of the input that was wrong; null when none was. */
  readonly inputLine: number | null;
}

/** A report in two parts, so that what was violated can stand before everything else. */
export interface RenderedReport {
  readonly violations: readonly string[];
  readonly rest: readonly string[];
}

/** All of a run for a person. */
export function renderReport(report: SimulationReport, context: ReportContext): RenderedReport {
  const { paint, width } = context;
  const title = (text: string): string => paint(text, "bold");
  const rest = [
    title("Timeline"),
    ...renderTimeline(report, paint, width),
    ...leftOut(report.lanesOmitted),
    "",
    title("Final states"),
    ...renderFinalStates(report.finalStates),
    "",
    title("Latency in simulated milliseconds"),
    ...renderLatencies(report),
    "",
    title("Traffic"),
    ...renderTraffic(report, width),
    "",
    title("Injected"),
    ...renderFaults(report, width),
    "",
    title("Checked"),
    ...renderChecks(report, width),
    "",
    ...renderVerdict(report, context),
  ];
  return { violations: violationLines(report, context), rest };
}

function leftOut(nodes: number): string[] {
  return nodes === 0 ? [] : [`  ${plural(nodes, "node")} that left earlier not shown`];
}

/** The verdict alone, for `--quiet`. */
export function renderQuietly(report: SimulationReport, context: ReportContext): RenderedReport {
  const violations = violationLines(report, context);
  return { violations, rest: violations.length > 0 ? [] : renderVerdict(report, context) };
}

function violationLines(report: SimulationReport, { paint, replay }: ReportContext): string[] {
  return report.violations.map((violation) => paint(violationLine(violation, replay), "bold", "red"));
}

const STATE_COLUMNS: readonly Column[] = [
  { title: "node", align: "left" },
  { title: "role", align: "left" },
  { title: "term", align: "right" },
  { title: "commit index", align: "right" },
  { title: "applied", align: "right" },
  { title: "machine", align: "left" },
];

export function renderFinalStates(states: readonly FinalState[]): string[] {
  const rows = states.map(({ id, role, term, commitIndex, lastApplied, machine }) => {
    const place = machine === null ? ["-", "-"] : [formatCount(commitIndex), formatCount(lastApplied)];
    return [id, role, formatCount(term), ...place, tellMachine(machine)];
  });
  return renderTable(STATE_COLUMNS, rows);
}

function tellMachine(machine: FinalState["machine"]): string {
  if (machine === null) return "-";
  if (typeof machine === "number") return `counter at ${formatCount(machine)}`;
  return `${plural(machine.keys, "key")}, sha256 ${machine.sha256.slice(0, 8)}…`;
}

const LATENCY_COLUMNS: readonly Column[] = [
  { title: "", align: "left" },
  ...["count", "min", "mean", "p50", "p90", "p99", "max"].map((title): Column => ({ title, align: "right" })),
];

function renderLatencies(report: SimulationReport): string[] {
  const row = (name: string, latency: LatencySummary): string[] => {
    const { count, minimumMs, meanMs, p50Ms, p90Ms, p99Ms, maximumMs } = latency;
    const figures = [minimumMs, meanMs, p50Ms, p90Ms, p99Ms, maximumMs];
    return [name, formatCount(count), ...figures.map((ms) => (count === 0 ? "-" : ms.toFixed(1)))];
  };
  return renderTable(LATENCY_COLUMNS, [row("commands", report.commandLatency), row("reads", report.readLatency)]);
}

function renderTraffic(report: SimulationReport, width: number): string[] {
  const { sent, delivered, dropped, duplicated } = report.messages;
  const commands = [
    `${plural(report.commandsSubmitted, "command")} submitted`,
    `${formatCount(report.commandsCommitted)} committed`,
    `${plural(report.readsAnswered, "read")} answered`,
    `${plural(report.outcomesUnknown, "outcome")} never learned`,
  ];
  const messages = [
    `${plural(sent, "message")} sent`,
    `${formatCount(delivered)} delivered`,
    `${formatCount(dropped)} dropped`,
    `${formatCount(duplicated)} duplicated`,
  ];
  return [...wrapList(commands, width, "  "), ...wrapList(messages, width, "  ")];
}

function renderFaults(report: SimulationReport, width: number): string[] {
  const struck = Object.entries(report.faults).filter(([, count]) => count > 0);
  const counts = struck.map(([name, count]) => `${words(name)} ${formatCount(count)}`);
  const told = counts.length === 0 ? ["  nothing"] : wrapList(counts, width, "  ");
  const missed = report.faultsNotStruck;
  return missed === 0 ? told : [...told, `  ${plural(missed, "fault")} of the list did not strike`];
}

function renderChecks(report: SimulationReport, width: number): string[] {
  const checks = Object.entries(report.checks).filter(([, times]) => times > 0);
  const counts = checks.map(([name, times]) => `${words(name)} ${formatCount(times)}`);
  return [
    ...wrapList(counts, width, "  "),
    `  linearizable: ${tellLinearizable(report)}`,
    `  recovery: ${tellRecovery(report)}`,
  ];
}

function renderVerdict(report: SimulationReport, context: ReportContext): string[] {
  const { paint, replay, interrupted, inputLine, wallMs } = context;
  const timesLife = wallMs > 0 ? Math.round(report.simulatedMs / wallMs) : 0;
  const pace = timesLife < 2 ? "" : `, ${formatCount(timesLife)} times as fast as life`;
  const facts = [
    `  simulated ${formatDuration(report.simulatedMs)} in ${formatDuration(wallMs)}${pace}`,
    `  ${plural(report.leaderElections, "election")} won, ${plural(report.steps, "step")}, digest ${report.digest.slice(0, 16)}`,
    `  replay: ${replay}`,
  ];
  if (report.violations.length > 0) return [paint("VIOLATED: see the first line.", "bold", "red"), ...facts];
  if (interrupted) return [paint("INTERRUPTED: nothing was violated so far.", "bold", "yellow"), ...facts];
  if (report.inputError !== null) return [paint(tellStopped(report, inputLine), "bold", "yellow"), ...facts];
  if (!report.ok) return [paint("NOT OK.", "bold", "red"), ...facts];
  return [paint(outcomeLine(report), "bold", "green"), ...facts];
}
