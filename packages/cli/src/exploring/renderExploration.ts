import { BUDGET_NAMES, RULE_NAMES, type Bounds, type ExplorationReport } from "@balsa/explore";
import { formatSeconds } from "../duration.js";
import type { Paint } from "../render/style.js";
import { formatCount, plural, printable, words, wrapText } from "../render/text.js";

/** What a search has taken. */
export interface Cost {
  readonly wallMs: number;
  /** Of the processor, in this program's own code. */
  readonly cpuMs: number;
  /** Of the whole process, at the end. */
  readonly memoryBytes: number;
}

export interface ReportStyle {
  readonly paint: Paint;
  readonly width: number;
}

const MEBIBYTE = 1_048_576;

/** The verdict, first for whoever reads only that, and the figures. */
export function renderExploration(
  report: ExplorationReport,
  cost: Cost,
  { paint, width }: ReportStyle,
): { verdict: string[]; figures: string[] } {
  const [first = "", ...rest] = wrapText(verdictOf(report), width, "", "");
  const verdict = [paint(first, report.status === "exhausted" ? "green" : "red"), ...rest];
  const world = wrapText(describeWorld(report.bounds), width, "World      ", "           ");
  const rate = Math.round(report.states / (cost.cpuMs / 1_000));
  const rows: (readonly [string, string])[] = [
    ["States", `${formatCount(report.states)} distinct${report.bounds.symmetry ? ", up to who is who" : ""}`],
    ["Steps", `${formatCount(report.steps)}, to states known or new`],
    ["Depth", plural(report.depth, "step")],
    ["Time", `${formatSeconds(cost.wallMs)} s; ${formatSeconds(cost.cpuMs)} s of the processor`],
    ["Speed", `${formatCount(rate)} states a second of the processor, one worker`],
    ["Memory", `${mebibytes(report.tableBytes)} in tables, ${mebibytes(cost.memoryBytes)} in all`],
    ["Core", `${plural(report.memberSteps, "step")} of members, ${plural(report.memberStates, "state")} of them`],
    ["Cut", `${plural(report.cutSteps, "step")} that would have put more messages on their way than the bound`],
    ["Missed", `a state with probability ${report.collisionProbability.toExponential(1)}, by two of the same hash`],
  ];
  return { verdict, figures: [...world, ...rows.map(([name, text]) => `${name.padEnd(10)} ${text}`)] };
}

function verdictOf({ status, states, violation, depth, bounds }: ExplorationReport): string {
  switch (status) {
    case "exhausted":
      return `OK: every one of ${plural(states, "state")} was looked at, and ${rulesHeld(bounds)}.`;
    case "violated":
      return `VIOLATED: ${words(violation?.rule ?? "")}: ${violation?.node ?? ""} ${printable(violation?.message ?? "")}.`;
    case "full":
      return `NOT FINISHED: the bound on states was reached at ${formatCount(states)}. Up to ${plural(depth, "step")} from the start nothing was violated. Raise --max-states, or make the world smaller.`;
    case "working":
      return `INTERRUPTED after ${plural(states, "state")}. Nothing was violated so far.`;
  }
}

function rulesHeld({ rules }: Bounds): string {
  return rules.length === RULE_NAMES.length ? "every rule held" : `what was checked held (${rules.join(", ")})`;
}

/** The world in words, without what it has none of. */
function describeWorld(bounds: Bounds): string {
  const used = BUDGET_NAMES.filter((name) => bounds[name] > 0).map((name) => `${name} ${String(bounds[name])}`);
  const options = (["preVote", "checkQuorum", "leaderStickiness"] as const).filter((name) => bounds[name]).map(words);
  const spares = bounds.spares === 0 ? [] : [`spares ${String(bounds.spares)}`];
  return [
    `nodes ${String(bounds.nodes)}`,
    ...spares,
    `terms ${String(bounds.terms)}`,
    ...used,
    `in flight ${String(bounds.inFlight)}`,
    `append entries ${String(bounds.appendEntries)}`,
    `disk ${bounds.disk}`,
    `start ${bounds.start}`,
    ...options,
  ].join(", ");
}

function mebibytes(bytes: number): string {
  return `${formatCount(Math.ceil(bytes / MEBIBYTE))} MiB`;
}
