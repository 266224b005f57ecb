import { InvalidCommandError, RefusedError } from "@balsa/client";
import { EXIT } from "../exitStatus.js";
import { describeFailure, type Told } from "./failure.js";
import type { Operation } from "./keyValueCommands.js";
import type { Store } from "./store.js";

/** Carries an operation out, and says what is to be written of it. `line` is that of the input, from 1. */
export async function outcomeOf(
  operation: Operation,
  store: Store,
  flags: { readonly json?: true },
  interrupted: AbortSignal,
  line: number | null = null,
): Promise<Told> {
  try {
    const { text, json, success } = await operation.perform(store, { signal: interrupted });
    const out = `${flags.json === true ? JSON.stringify(json) : text}\n`;
    return { out, err: "", status: success ? EXIT.ok : EXIT.failed };
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof InvalidCommandError)) throw error;
    const code = error instanceof RefusedError ? error.code : "INVALID_COMMAND";
    return describeFailure({ code, message: error.message }, flags, interrupted, line);
  }
}
