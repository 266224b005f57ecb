import { summarize, type SimulationReport } from "@balsa/sim";
import { formatError, jsonError } from "../errorOutput.js";
import { write, type CommandIo } from "../io.js";
import type { LiveLines } from "../render/liveLines.js";
import { renderQuietly, renderReport } from "../render/report.js";
import { choosePaint, chooseWidth } from "../render/style.js";
import { violationLine } from "../render/verdict.js";
import type { UsageError } from "../usageError.js";

export interface Outcome {
  readonly report: SimulationReport;
  /** What was wrong with the input, if anything. */
  readonly failure: UsageError | null;
  /** False when the run was interrupted. */
  readonly finished: boolean;
  readonly wallMs: number;
  readonly replay: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly liveLines: LiveLines | null;
}

/** Tells how a run ended, in the form that was asked for. */
export async function showOutcome(outcome: Outcome, io: CommandIo): Promise<void> {
  if (outcome.json) await showJson(outcome, io);
  else await showHuman(outcome, io);
  if (outcome.failure !== null) await write(io.stderr, formatError(outcome.failure));
}

async function showJson({ report, failure, finished, wallMs, replay }: Outcome, io: CommandIo): Promise<void> {
  const [violation] = report.violations;
  if (violation !== undefined) await write(io.stderr, `${violationLine(violation, replay)}\n`);
  const summary = summarize(report, Math.round(wallMs));
  const document = {
    ...summary,
    ok: summary.ok && failure === null && finished,
    ...(failure === null ? {} : { error: jsonError(failure) }),
    ...(finished ? {} : { interrupted: true }),
  };
  await write(io.stdout, `${JSON.stringify(document, null, 2)}\n`);
}

async function showHuman(outcome: Outcome, io: CommandIo): Promise<void> {
  const { report, failure, finished, wallMs, replay, quiet, liveLines } = outcome;
  const paint = choosePaint(io.stdout, io.environment);
  const run = { wallMs, replay, interrupted: !finished, inputLine: failure?.place.line ?? null };
  const context = { paint, width: chooseWidth(io.stdout), ...run };
  const { violations, rest } = quiet ? renderQuietly(report, context) : renderReport(report, context);
  const held = liveLines?.takeHeld() ?? [];
  const story = quiet ? [] : [...held, ""];
  await write(io.stdout, [...violations, ...story, ...rest].map((line) => `${line}\n`).join(""));
}
