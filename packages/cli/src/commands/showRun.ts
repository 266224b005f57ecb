import { createSimulation, ScenarioError, type Scenario, type Simulation, type TraceEvent } from "@balsa/sim";
import { EXIT } from "../exitStatus.js";
import type { CommandInput } from "../input/commandInput.js";
import type { CommandIo } from "../io.js";
import { DebugLog } from "../render/debugLog.js";
import { LiveLines } from "../render/liveLines.js";
import { ProgressLine } from "../render/progressLine.js";
import { simulationProgress } from "../render/simulationProgress.js";
import { Storyteller } from "../render/storyteller.js";
import { choosePaint, chooseWidth } from "../render/style.js";
import { createTracer, type Tracer } from "../trace/tracer.js";
import { UsageError } from "../usageError.js";
import { drive } from "./drive.js";
import { showOutcome } from "./showOutcome.js";

export interface ShownRun {
  readonly scenario: Scenario;
  readonly input: CommandInput | null;
  readonly replay: string;
  /** Simulated milliseconds shown in one of the wall clock; null: as fast as it goes. */
  readonly pace: number | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly tracePath: string | null;
}

/** Runs a scenario, tells what happens as it does, then how it ended. Gives the exit status. */
export async function showRun(run: ShownRun, io: CommandIo): Promise<number> {
  const startedMs = io.now();
  const liveLines = run.json || run.quiet ? null : new LiveLines(io.stdout);
  const debugLog = io.environment["BALSA_LOG"] === "debug" ? new DebugLog(io.stderr) : null;
  const progress = new ProgressLine(io, !run.quiet && debugLog === null);
  const tracer = run.tracePath === null ? null : await createTracer(run.tracePath);
  const onTrace = listener(liveLines, debugLog, tracer, io);
  const simulation = create(run, onTrace);
  let finished: boolean;
  try {
    finished = await drive(simulation, {
      input: run.input,
      interrupted: io.interrupted,
      pace: run.pace,
      afterSlice: async () => {
        await Promise.all([tracer?.flush(), debugLog?.flush()]);
        if (liveLines?.waiting === true) await progress.clear();
        await liveLines?.flush();
        await progress.update(() => simulationProgress(simulation));
      },
    });
  } finally {
    await progress.clear();
    // Before the outcome is told, so that a trace that can't be finished is the one thing told.
    await tracer?.finish(simulation.timeMs);
  }
  const report = simulation.report();
  const failure = run.input?.failure ?? null;
  await showOutcome({ ...run, report, failure, finished, wallMs: io.now() - startedMs, liveLines }, io);
  if (report.violations.length > 0) return EXIT.violated;
  if (failure !== null || report.inputError !== null) return EXIT.usage;
  if (!finished) return EXIT.interrupted;
  return report.ok ? EXIT.ok : EXIT.violated;
}

function create({ scenario, input }: ShownRun, onTrace: ((event: TraceEvent) => void) | null): Simulation {
  try {
    return createSimulation(scenario, {
      ...(onTrace === null ? {} : { onTrace }),
      ...(input === null ? {} : { commands: input }),
    });
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw new UsageError("BAD_SCENARIO", cause.message, { expected: cause.expected }, { cause });
  }
}

/** Null when nobody listens, for then the simulator need not make the events. */
function listener(
  liveLines: LiveLines | null,
  debugLog: DebugLog | null,
  tracer: Tracer | null,
  io: CommandIo,
): ((event: TraceEvent) => void) | null {
  if (liveLines === null && debugLog === null && tracer === null) return null;
  const storyteller = new Storyteller(choosePaint(io.stdout, io.environment), chooseWidth(io.stdout));
  return (event) => {
    liveLines?.add(storyteller.tell(event));
    debugLog?.add(event);
    tracer?.take(event);
  };
}
