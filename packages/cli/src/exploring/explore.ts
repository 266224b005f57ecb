import { writeFile } from "node:fs/promises";
import {
  BoundsError,
  Exploration,
  exploredScenario,
  type Bounds,
  type ExplorationReport,
  type Trace,
} from "@balsa/explore";
import { programName } from "../commands/programName.js";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { ProgressLine } from "../render/progressLine.js";
import { choosePaint, chooseWidth } from "../render/style.js";
import { formatCount } from "../render/text.js";
import { fileError, UsageError } from "../usageError.js";
import { boundsOf, flagOf, type ExploreFlags } from "./exploreArguments.js";
import { renderExploration, type Cost } from "./renderExploration.js";
import { renderTrace } from "./renderTrace.js";

/** States looked at between two looks at the world outside. */
const SLICE_STATES = 5_000;

/**
 * `balsa explore`: searches a world, shows what was found and gives the exit status.
 * @throws UsageError before anything was searched, or when `--out` can't be written.
 */
export async function explore(flags: ExploreFlags, io: CommandIo): Promise<number> {
  const exploration = create(boundsOf(flags), flags.maxStates);
  const cost = await search(exploration, flags, io);
  const report = exploration.report();
  const trace = exploration.trace();
  if (trace !== null && flags.out !== undefined) await writeScenario(flags.out, report.bounds, trace);
  await show(report, trace, cost, flags, io);
  switch (report.status) {
    case "violated":
      return EXIT.violated;
    case "full":
      return EXIT.unknown;
    case "exhausted":
      return EXIT.ok;
    case "working":
      return EXIT.interrupted;
  }
}

function create(bounds: Partial<Bounds>, maxStates: number): Exploration {
  try {
    return new Exploration(bounds, maxStates);
  } catch (cause) {
    if (!(cause instanceof BoundsError)) throw cause;
    const argument = flagOf(cause.bound);
    const place = { argument, expected: cause.expected };
    throw new UsageError("BAD_ARGUMENT", `${argument} must be ${cause.expected}.`, place, { cause });
  }
}

/** Runs to the end, or until it is interrupted. */
async function search(exploration: Exploration, { json, quiet }: ExploreFlags, io: CommandIo): Promise<Cost> {
  const progress = new ProgressLine(io, json !== true && quiet !== true);
  const startedMs = io.now();
  const before = process.cpuUsage();
  while (exploration.run(SLICE_STATES) === "working" && !io.interrupted.aborted) {
    await progress.update(() => {
      const { states, depth } = exploration.report();
      return `${formatCount(states)} states, up to ${formatCount(depth)} steps deep`;
    });
    // SIGINT is heard only when the event loop goes round.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await progress.clear();
  const cpuMs = process.cpuUsage(before).user / 1_000;
  return { wallMs: io.now() - startedMs, cpuMs, memoryBytes: process.memoryUsage().rss };
}

async function writeScenario(path: string, bounds: Bounds, trace: Trace): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(exploredScenario(bounds, trace), null, 2)}\n`);
  } catch (cause) {
    throw fileError("--out", "write", path, cause);
  }
}

async function show(
  report: ExplorationReport,
  trace: Trace | null,
  cost: Cost,
  { json, quiet, out }: ExploreFlags,
  io: CommandIo,
): Promise<void> {
  if (json === true) {
    const scenario = trace === null ? null : exploredScenario(report.bounds, trace);
    const document = { ok: report.status === "exhausted", ...report, ...cost, trace: trace?.steps ?? null, scenario };
    await write(io.stdout, `${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const style = { paint: choosePaint(io.stdout, io.environment), width: chooseWidth(io.stdout) };
  const { verdict, figures } = renderExploration(report, cost, style);
  const lines = [...verdict];
  if (quiet !== true) {
    if (trace !== null) lines.push("", ...renderTrace(trace, style), "", ...tellReplay(out, io));
    lines.push("", ...figures);
  }
  await write(io.stdout, lines.map((line) => `${line}\n`).join(""));
}

function tellReplay(out: string | undefined, io: CommandIo): string[] {
  if (out === undefined) return ["With --out FILE this is written as a scenario, which balsa sim FILE replays."];
  return [`Replay: ${programName(io)} sim ${out}`];
}
