import { RefusedError } from "@balsa/client";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { askLeader, type AdminAnswer } from "./askLeader.js";
import type { ConnectionFlags } from "./connectionFlags.js";

/** Has the leader do something, and tells what came of it. */
export async function change(
  request: object,
  flags: ConnectionFlags,
  io: CommandIo,
  describe: (answer: Extract<AdminAnswer, { ok: true }>) => string,
): Promise<number> {
  try {
    const answer = await askLeader(flags, request);
    if (flags.json === true) await write(io.stdout, `${JSON.stringify(answer)}\n`);
    else if (answer.ok) await write(io.stdout, `${describe(answer)}\n`);
    if (answer.ok) return EXIT.ok;
    return await failed(answer.error.code, answer.error.message);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return failed(error.code, error.message);
  }

  async function failed(code: string, message: string): Promise<number> {
    await write(io.stderr, `${code}: ${message}\n`);
    return code === "UNKNOWN_OUTCOME" ? EXIT.unknown : EXIT.failed;
  }
}
