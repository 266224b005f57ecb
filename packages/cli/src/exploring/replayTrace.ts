import {
  describeAction,
  ExploredScenarioError,
  replay,
  validateExploredScenario,
  type ExploredScenario,
  type Replay,
} from "@balsa/explore";
import type { SimFlags } from "../commands/simArguments.js";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { choosePaint, chooseWidth } from "../render/style.js";
import { plural, printable, words, wrapText } from "../render/text.js";
import { UsageError } from "../usageError.js";
import { renderTrace } from "./renderTrace.js";

/** Flags of `balsa sim` that mean something for a trace, too. */
const FITTING: readonly string[] = ["json", "quiet"];

/** How many of the steps that can be taken are named, where the one that should be can't. */
const NAMED_STEPS = 8;

/**
 * `balsa sim FILE` for what `balsa explore` has written: goes the way of the trace, and tells what it comes to.
 * @throws UsageError for a wrong document, or flags that don't go with it.
 */
export async function replayTrace(path: string, document: unknown, flags: SimFlags, io: CommandIo): Promise<number> {
  const wrong = Object.keys(flags).find((flag) => !FITTING.includes(flag));
  if (wrong !== undefined) {
    const why = `${path}, which holds a trace: nothing in it is left open`;
    throw new UsageError("BAD_ARGUMENT", `--${wrong} can't be given together with ${why}.`, { argument: `--${wrong}` });
  }
  const scenario = readDocument(path, document);
  const run = replay(scenario);
  if (flags.json === true) {
    const { violation, steps, stoppedAt } = run;
    const found = { ok: violation === null && stoppedAt === null, violation, stoppedAt, steps };
    await write(io.stdout, `${JSON.stringify(found, null, 2)}\n`);
  } else {
    await showReplay(scenario, run, flags.quiet === true, io);
  }
  if (run.violation !== null) return EXIT.violated;
  return run.stoppedAt === null ? EXIT.ok : EXIT.unknown;
}

function readDocument(path: string, document: unknown): ExploredScenario {
  try {
    return validateExploredScenario(document);
  } catch (cause) {
    if (!(cause instanceof ExploredScenarioError)) throw cause;
    const place = { argument: "SCENARIO.json", expected: cause.expected };
    throw new UsageError("BAD_SCENARIO", `${path}: ${cause.message}`, place, { cause });
  }
}

async function showReplay(scenario: ExploredScenario, run: Replay, quiet: boolean, io: CommandIo): Promise<void> {
  const style = { paint: choosePaint(io.stdout, io.environment), width: chooseWidth(io.stdout) };
  const [first = "", ...rest] = wrapText(verdictOf(scenario, run), style.width, "", "");
  const isClean = run.violation === null && run.stoppedAt === null;
  const lines = [style.paint(first, isClean ? "green" : "red"), ...rest];
  if (!quiet) {
    lines.push("", ...renderTrace(run, style));
    if (run.stoppedAt !== null) {
      const { possible } = run.stoppedAt;
      lines.push("", "What could come next here:");
      for (const step of possible.slice(0, NAMED_STEPS))
        lines.push(...wrapText(printable(step), style.width, "  ", "    "));
      if (possible.length > NAMED_STEPS) lines.push(`  and ${String(possible.length - NAMED_STEPS)} more`);
    }
  }
  await write(io.stdout, lines.map((line) => `${line}\n`).join(""));
}

function verdictOf({ explored }: ExploredScenario, { violation, stoppedAt, steps }: Replay): string {
  if (violation !== null) {
    return `VIOLATED: ${words(violation.rule)}, at step ${String(steps.length)}: ${violation.node} ${printable(violation.message)}.`;
  }
  if (stoppedAt === null) return `OK: every rule held through ${plural(steps.length, "step")}.`;
  const action = explored.actions[stoppedAt.action];
  const what = action === undefined ? "" : printable(describeAction(action));
  return `NOT REPLAYED: explored.actions[${String(stoppedAt.action)}] can't be taken here: ${what}. This core does something else than the one that the trace was found with. Nothing was violated until then.`;
}
