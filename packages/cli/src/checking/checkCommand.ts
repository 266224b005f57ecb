import { HISTORY_FORMATS, MODEL_NAMES, type HistoryFormat, type ModelName } from "@balsa/linearizability";
import type { Command } from "commander";
import { parseDuration } from "../duration.js";
import type { CommandIo } from "../io.js";
import { suggest } from "../suggest.js";
import { badArgument } from "../usageError.js";
import { check, type CheckFlags } from "./check.js";

const HELP = `
Formats: jepsen-log (lines of Jepsen's log), edn (Jepsen's histories), jsonl (JSON
lines, of events or of whole operations; docs/checking.md describes them).

Examples:
  balsa check history.edn
  balsa check --model register --html picture.html history.jsonl
  balsa check --json runs/*.edn

Exit status, of several files the first of these that occurs:
  2  the call or a file was wrong    1  not linearizable
  3  unknown: time or memory was spent    0  linearizable
`;

/** Adds `balsa check`. */
export function addCheckCommand(program: Command, io: CommandIo, finish: (status: number) => void): void {
  program
    .command("check")
    .description("say whether histories of clients are linearizable")
    .argument("<file...>", "histories")
    .option("--model <name>", `${MODEL_NAMES.join(", ")} (default: found out)`, readModel)
    .option("--format <name>", `auto, ${HISTORY_FORMATS.join(", ")} (default: auto)`, readFormat)
    .option("--timeout <time>", "how long to look at one file (default: 30s)", (text) =>
      parseDuration(text, "--timeout"),
    )
    .option("--html <file>", "write a picture of the history, for a browser")
    .option("--json", "print one JSON document a line for each file")
    .addHelpText("after", HELP)
    .action(async (paths: string[], flags: CheckFlags) => {
      finish(await check(paths, flags, io));
    });
}

function readModel(text: string): ModelName {
  return oneOf("--model", text, MODEL_NAMES);
}

function readFormat(text: string): HistoryFormat | "auto" {
  return oneOf("--format", text, ["auto", ...HISTORY_FORMATS]);
}

function oneOf<Name extends string>(argument: string, text: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  const near = suggest(text, known);
  throw badArgument(argument, text, `one of ${known.join(", ")}${near === null ? "" : ` (did you mean ${near}?)`}`);
}
