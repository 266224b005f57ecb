import type { CommandIo } from "../io.js";
import { tellFailure } from "../operating/failure.js";
import { UsageError } from "../usageError.js";

/** Does what was asked; what stands in its way and has a code is told, with the exit status 1. */
export async function orTellFailure(asJson: boolean, io: CommandIo, perform: () => Promise<number>): Promise<number> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UsageError || !("code" in error)) throw error;
    const code = String(error.code);
    if (code.startsWith("ERR_")) throw error;
    return tellFailure({ code, message: error.message }, asJson ? { json: true } : {}, io);
  }
}
