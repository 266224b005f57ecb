import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import type { ConnectionFlags } from "./connectionFlags.js";
import { tell } from "./failure.js";
import { parseOperation } from "./keyValueCommands.js";
import { performLines } from "./lines.js";
import { outcomeOf } from "./operationOutcome.js";
import { prompt } from "./prompt.js";
import { Store, type Consistency } from "./store.js";

export interface ClientFlags extends ConnectionFlags {
  readonly consistency: Consistency;
}

/** One operation, or as many as are typed in or come through a pipe. */
export async function client(words: readonly string[], flags: ClientFlags, io: CommandIo): Promise<number> {
  const operation = words.length === 0 ? null : parseOperation(words);
  await using store = new Store(flags, flags.consistency);
  if (operation !== null) return await tell(await outcomeOf(operation, store, flags, io.interrupted), io);
  if (io.promptStreams === null) return await performLines(store, flags, io);
  const greeting = `Talking to ${flags.servers.join(", ")}. help tells what there is; exit or Ctrl-D leaves.\n`;
  await write(io.stdout, greeting);
  await prompt(store, flags, io, io.promptStreams);
  return io.interrupted.aborted ? EXIT.interrupted : EXIT.ok;
}
