import {
  formatDuration,
  type InjectedFault,
  type LaneSegment,
  type SimulationReport,
  type TimelineLane,
} from "@balsa/sim";
import { termColour, type Emphasis, type Paint } from "./style.js";
import { wrapPieces } from "./text.js";

export type TimelineInput = Pick<SimulationReport, "simulatedMs" | "timeline" | "injected">;

/** What one column of a lane shows: the state that lasted longest in it. */
interface Cell {
  readonly state: LaneSegment["state"];
  readonly term: number;
  readonly cutOff: boolean;
}

const ABSENT: Cell = { state: "absent", term: 0, cutOff: false };

/** A node per line, time from left to right, then the terms' leaders and where faults struck, then the legend. */
export function renderTimeline(report: TimelineInput, paint: Paint, width: number): string[] {
  const labelWidth = Math.max("faults".length, ...report.timeline.map(({ node }) => node.length)) + 2;
  const columns = width - labelWidth - 2;
  const columnMs = Math.max(report.simulatedMs, 1) / columns;
  const partitions = report.injected.filter(({ kind }) => kind === "partition");
  const lanes = report.timeline.map((lane) => {
    const cuts = partitions.filter(({ nodes, atMs }) => {
      return isCutOff(lane.node, nodes, report.timeline.filter((other) => isPresent(other, atMs)).length);
    });
    return { lane, cells: cellsOf(lane, cuts, columns, columnMs) };
  });
  const label = (text: string): string => `  ${text.padEnd(labelWidth)}`;
  return [
    `${label("")}${axis(report.simulatedMs, columns)}`,
    ...lanes.map(({ lane, cells }) => `${label(lane.node)}${drawCells(cells, paint)}`),
    `${label("term")}${drawTerms(
      lanes.map(({ cells }) => cells),
      columns,
    )}`,
    `${label("faults")}${drawFaults(report.injected, columns, columnMs)}`,
    ...legend(paint, width),
  ].map((line) => line.trimEnd());
}

function axis(simulatedMs: number, columns: number): string {
  const end = formatDuration(simulatedMs);
  const middle = formatDuration(simulatedMs / 2);
  const line = "0".padEnd(Math.floor(columns / 2)) + middle;
  return line.padEnd(columns - end.length) + end;
}

/** Of the two sides of a partition the smaller one is taken for the one that is cut off. */
function isCutOff(node: string, side: readonly string[], nodes: number): boolean {
  return side.includes(node) === side.length * 2 <= nodes;
}

function isPresent(lane: TimelineLane, atMs: number): boolean {
  const segment = lane.segments.find(({ untilMs }) => untilMs > atMs);
  return segment !== undefined && segment.state !== "absent";
}

/** One pass over the lane's segments, which are gapless and in order. */
function cellsOf(lane: TimelineLane, cuts: readonly InjectedFault[], columns: number, columnMs: number): Cell[] {
  const cells: Cell[] = [];
  let first = 0;
  for (let column = 0; column < columns; column++) {
    const fromMs = column * columnMs;
    const untilMs = fromMs + columnMs;
    while ((lane.segments[first]?.untilMs ?? Infinity) <= fromMs) first++;
    let longest = ABSENT;
    let longestMs = 0;
    for (let index = first; (lane.segments[index]?.fromMs ?? Infinity) < untilMs; index++) {
      const segment = lane.segments[index];
      if (segment === undefined) break;
      const lastsMs = overlapMs(segment, fromMs, untilMs);
      if (lastsMs > longestMs) {
        longest = { ...segment, cutOff: false };
        longestMs = lastsMs;
      }
    }
    const cutMs = cuts.reduce((sum, { atMs, untilMs: endMs }) => {
      return sum + overlapMs({ fromMs: atMs, untilMs: endMs ?? Infinity }, fromMs, untilMs);
    }, 0);
    cells.push({ ...longest, cutOff: cutMs * 2 > columnMs });
  }
  return cells;
}

function overlapMs(
  span: { readonly fromMs: number; readonly untilMs: number },
  fromMs: number,
  untilMs: number,
): number {
  return Math.max(0, Math.min(span.untilMs, untilMs) - Math.max(span.fromMs, fromMs));
}

/** The mark of a cell, which tells all without colour, and how it is painted. */
function look(cell: Cell): { readonly mark: string; readonly emphases: readonly Emphasis[] } {
  const { state, term, cutOff } = cell;
  switch (state) {
    case "leader":
      return { mark: cutOff ? "l" : "L", emphases: [termColour(term), "inverse", "bold"] };
    case "follower":
      return { mark: cutOff ? "~" : ".", emphases: [termColour(term)] };
    case "learner":
      return { mark: cutOff ? "~" : "o", emphases: [termColour(term)] };
    case "preCandidate":
    case "candidate":
      return { mark: "c", emphases: ["yellow", "bold"] };
    case "paused":
      return { mark: "z", emphases: ["yellow"] };
    case "down":
      return { mark: "x", emphases: ["red"] };
    case "absent":
      return { mark: " ", emphases: [] };
  }
}

/** Neighbours that look alike are painted together. */
function drawCells(cells: readonly Cell[], paint: Paint): string {
  let line = "";
  let run = "";
  let emphases: readonly Emphasis[] = [];
  for (const cell of cells) {
    const next = look(cell);
    if (next.emphases.join() !== emphases.join()) {
      line += paint(run, ...emphases);
      run = "";
      emphases = next.emphases;
    }
    run += next.mark;
  }
  return line + paint(run, ...emphases);
}

/** Each term's number below the first column that its leader led in, as far as there is room. */
function drawTerms(lanes: readonly (readonly Cell[])[], columns: number): string {
  let line = "";
  let shown = 0;
  for (let column = 0; column < columns; column++) {
    const terms = lanes.map((cells) => (cells[column]?.state === "leader" ? (cells[column]?.term ?? 0) : 0));
    const term = Math.max(0, ...terms);
    if (term <= shown) continue;
    shown = term;
    const text = String(term);
    const fits = line === "" ? column : column - 1;
    if (line.length <= fits && column + text.length <= columns) line = line.padEnd(column) + text;
  }
  return line;
}

/** How many faults began in each column. */
function drawFaults(injected: readonly InjectedFault[], columns: number, columnMs: number): string {
  const counts = new Array<number>(columns).fill(0);
  for (const { atMs } of injected) {
    const column = Math.min(columns - 1, Math.floor(atMs / columnMs));
    counts[column] = (counts[column] ?? 0) + 1;
  }
  return counts.map((count) => (count === 0 ? " " : count > 9 ? "+" : String(count))).join("");
}

function legend(paint: Paint, width: number): string[] {
  const items = [". follower", "L leader", "c candidate", "o learner", "~ cut off", "l leader cut off"];
  items.push("z paused", "x down", "1-9 + faults begun");
  return wrapPieces(
    items.map((item) => `${item}  `),
    width,
    "  ",
    "  ",
  ).map((line) => paint(line.trimEnd(), "dim"));
}
