import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { UsageError } from "../usageError.js";

/** Does what was asked; what stands in its way and has a code is told, with the exit status 1. */
export async function tellFailure(asJson: boolean, io: CommandIo, perform: () => Promise<number>): Promise<number> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UsageError || !("code" in error)) throw error;
    const code = String(error.code);
    if (code.startsWith("ERR_")) throw error;
    if (asJson) await write(io.stdout, `${JSON.stringify({ ok: false, error: { code, message: error.message } })}\n`);
    await write(io.stderr, `balsa: ${code}: ${error.message}\n`);
    return EXIT.failed;
  }
}
