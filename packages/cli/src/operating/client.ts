import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { InvalidCommandError, RefusedError } from "@balsa/client";
import { EXIT } from "../exitStatus.js";
import { splitWords, WordError } from "../input/words.js";
import { write, type CommandIo } from "../io.js";
import { UsageError } from "../usageError.js";
import { openKeyValueClient, type ConnectionFlags } from "./connectionFlags.js";
import { performOperation, type Consistency } from "./keyValueCommands.js";

export interface ClientFlags extends ConnectionFlags {
  readonly consistency: Consistency;
}

/** One operation, or as many as are typed in or come through a pipe. */
export async function client(words: readonly string[], flags: ClientFlags, io: CommandIo): Promise<number> {
  await using store = openKeyValueClient(flags);
  if (words.length > 0) return await perform(words);
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const prompt = async (): Promise<void> => {
    if (isTerminal) await write(io.stdout, "> ");
  };
  let status: number = EXIT.ok;
  await prompt();
  const lines = createInterface({ input: Readable.from(io.stdin), crlfDelay: Infinity });
  io.interrupted.addEventListener("abort", () => lines.close(), { once: true });
  for await (const line of lines) {
    const text = line.trim();
    if (text === "exit" || text === "quit") break;
    if (text !== "" && !text.startsWith("#")) status = Math.max(status, await performLine(text));
    await prompt();
  }
  return isTerminal ? EXIT.ok : status;

  async function performLine(text: string): Promise<number> {
    try {
      return await perform(splitWords(text));
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof WordError)) throw error;
      await write(io.stderr, `${error.message}\n`);
      return EXIT.usage;
    }
  }

  async function perform(operation: readonly string[]): Promise<number> {
    try {
      const { text, json, success } = await performOperation(store, operation, flags.consistency);
      await write(io.stdout, `${flags.json === true ? JSON.stringify(json) : text}\n`);
      return success ? EXIT.ok : EXIT.failed;
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof InvalidCommandError)) throw error;
      const code = error instanceof RefusedError ? error.code : "INVALID_COMMAND";
      if (flags.json === true)
        await write(io.stdout, `${JSON.stringify({ error: { code, message: error.message } })}\n`);
      await write(io.stderr, `${code}: ${error.message}\n`);
      return code === "UNKNOWN_OUTCOME" ? EXIT.unknown : EXIT.failed;
    }
  }
}
