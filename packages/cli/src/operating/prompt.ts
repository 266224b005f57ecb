import { createInterface } from "node:readline";
import { write, type CommandIo, type PromptStreams } from "../io.js";
import { UsageError } from "../usageError.js";
import { tell } from "./failure.js";
import { OPERATION_NAMES, OPERATION_USAGES } from "./keyValueCommands.js";
import { outcomeOf } from "./operationOutcome.js";
import { describeMistake, isExit, parseLine } from "./operationLine.js";
import type { Store } from "./store.js";

const WORDS = [...OPERATION_NAMES, "help", "exit"];
const HELP = `${OPERATION_USAGES.map((usage) => `  ${usage}\n`).join("")}  exit
Words with spaces are JSON strings: put greeting "good day".
Ctrl-C ends the waiting for an answer, or clears the line; Ctrl-D leaves.
`;
/** Lines typed before the one before is answered; what is typed beyond is told to be too much. */
const MAX_WAITING = 64;

/** Reads operations from a terminal, with history and editing, one after the other, until whoever types leaves. */
export async function prompt(
  store: Store,
  flags: { readonly json?: true },
  io: CommandIo,
  streams: PromptStreams,
): Promise<void> {
  const lines = createInterface({ ...streams, terminal: true, prompt: "> ", completer, removeHistoryDuplicates: true });
  let underWay: AbortController | null = null;
  let waiting = 0;
  let isLineOpen = true;
  let queue: Promise<unknown> = Promise.resolve();
  const perform = async (text: string): Promise<void> => {
    if (text.trim() === "help" || text.trim() === "?") {
      await write(io.stdout, HELP);
      return;
    }
    try {
      const operation = parseLine(text);
      if (operation === null) return;
      underWay = new AbortController();
      const signal = AbortSignal.any([underWay.signal, io.interrupted]);
      await tell(await outcomeOf(operation, store, flags, signal), io);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      await tell(describeMistake(error, flags, null), io);
    } finally {
      underWay = null;
    }
  };
  const clear = (): void => {
    streams.output.write("^C\n");
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    lines.prompt();
  };
  await new Promise<void>((resolve, reject) => {
    let hasLeft = false;
    const leave = (): void => {
      if (!hasLeft) lines.close();
    };
    lines.on("line", (text) => {
      if (hasLeft) return;
      if (isExit(text)) {
        isLineOpen = false;
        return leave();
      }
      if (waiting >= MAX_WAITING) return void streams.output.write("too much at once: this line is not carried out\n");
      waiting += 1;
      queue = queue.then(async () => {
        if (!io.interrupted.aborted) await perform(text);
        waiting -= 1;
        if (!hasLeft) lines.prompt();
      });
      queue.catch(reject);
    });
    lines.on("SIGINT", () => {
      if (underWay === null) clear();
      else underWay.abort();
    });
    lines.once("close", () => {
      hasLeft = true;
      queue.then(() => resolve(), reject);
    });
    if (io.interrupted.aborted) leave();
    io.interrupted.addEventListener("abort", leave, { once: true });
    lines.prompt();
  }).finally(() => lines.close());
  if (isLineOpen) await write(io.stdout, "\n");
}

function completer(line: string): [string[], string] {
  const found = WORDS.filter((word) => word.startsWith(line)).map((word) => `${word} `);
  return [line.includes(" ") ? [] : found, line];
}
