import { RefusedError } from "@balsa/client";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { askLeader, type AdminAnswer, type AdminRequest } from "./askLeader.js";
import type { ConnectionFlags } from "./connectionFlags.js";
import { tellFailure } from "./failure.js";

const UNKNOWN =
  "Whether it was done is not known. Look at balsa member list and balsa status, and ask again: a change that broke off goes on where it stopped.";

/** Has the leader do something, and tells what came of it. */
export async function change(
  request: AdminRequest,
  flags: ConnectionFlags,
  io: CommandIo,
  describe: (answer: Extract<AdminAnswer, { ok: true }>) => string,
): Promise<number> {
  let answer: AdminAnswer;
  try {
    answer = await askLeader(flags, request, io.interrupted);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    answer = { ok: false, error: { code: error.code, message: error.message, leaderHint: null, leaderAddress: null } };
  }
  if (!answer.ok) {
    const { error } = answer;
    return await tellFailure(error.code === "UNKNOWN_OUTCOME" ? { ...error, message: UNKNOWN } : error, flags, io);
  }
  await write(io.stdout, `${flags.json === true ? JSON.stringify(answer) : describe(answer)}\n`);
  return EXIT.ok;
}
