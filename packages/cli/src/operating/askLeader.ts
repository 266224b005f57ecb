import { RefusedError, type RaftClient } from "@balsa/client";
import { refusal } from "@balsa/replica";
import { openClient, type ConnectionFlags } from "./connectionFlags.js";

/** What a member answers an operator. */
export type AdminAnswer =
  | ({ readonly ok: true } & Readonly<Record<string, unknown>>)
  | {
      readonly ok: false;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly leaderHint: string | null;
        readonly leaderAddress: string | null;
      };
    };

export interface AdminRequest {
  readonly op: "status" | "members" | "reconfigure" | "transfer";
}

const NOT_YET = new Set(["NOT_LEADER", "NO_LEADER", "TERM_NOT_STARTED"]);
const PAUSE_MS = 100;
/** The member's own time ends with ours, and then its answer, which says how far it got, is still on its way. */
const ANSWER_GRACE_MS = 500;
/** A member takes no longer time. */
const MAX_TIMEOUT_MS = 10 * 60_000;

/** Asks one member. @throws RefusedError when it can't be reached, or its answer did not come */
export async function askMember(
  flags: ConnectionFlags,
  server: string,
  request: AdminRequest,
  signal: AbortSignal,
): Promise<AdminAnswer> {
  await using client = openClient(flags, [server]);
  return await ask(client, request, flags.timeout, signal);
}

/**
 * Asks whoever leads, found by the hints of the others, for as long as `--timeout` says in all.
 * @throws RefusedError when nobody was reached, or the answer did not come
 */
export async function askLeader(
  flags: ConnectionFlags,
  request: AdminRequest,
  signal: AbortSignal,
): Promise<AdminAnswer> {
  const endsAt = performance.now() + flags.timeout;
  await using client = openClient(flags);
  let answer: AdminAnswer | null = null;
  for (;;) {
    const leftMs = Math.min(MAX_TIMEOUT_MS, Math.max(1, endsAt - performance.now()));
    try {
      answer = await ask(client, { ...request, timeoutMs: leftMs }, leftMs + ANSWER_GRACE_MS, signal);
    } catch (error) {
      // What a member said before tells more than that nobody was reached since.
      const saysLess = error instanceof RefusedError && error.code !== "UNKNOWN_OUTCOME" && !signal.aborted;
      if (answer !== null && saysLess) return answer;
      throw error;
    }
    if (answer.ok || !NOT_YET.has(answer.error.code) || performance.now() + PAUSE_MS >= endsAt) return answer;
    client.turnTo(answer.error.leaderAddress);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function ask(
  client: RaftClient,
  request: AdminRequest & { readonly timeoutMs?: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<AdminAnswer> {
  try {
    return (await client.administer(request, { timeoutMs, signal })) as AdminAnswer;
  } catch (error) {
    const isQuestion = request.op === "status" || request.op === "members";
    if (!(error instanceof RefusedError && error.code === "UNKNOWN_OUTCOME" && isQuestion)) throw error;
    // Where nothing could change there is only an answer missing.
    throw new RefusedError(refusal("TIMED_OUT", null), { cause: error });
  }
}
