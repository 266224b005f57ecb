import { RefusedError } from "@balsa/client";
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

/** How often one is sent on, while leaders change. */
const MAX_HOPS = 8;
const NOT_YET = new Set(["NOT_LEADER", "NO_LEADER", "TERM_NOT_STARTED"]);
const PAUSE_MS = 100;

/** Asks one member. @throws RefusedError when it can't be reached, or its answer did not come */
export async function askMember(flags: ConnectionFlags, server: string, request: object): Promise<AdminAnswer> {
  await using client = openClient(flags, [server]);
  return (await client.administer(request, { timeoutMs: flags.timeout })) as AdminAnswer;
}

/** Asks whoever leads, found by the hints of the others. */
export async function askLeader(flags: ConnectionFlags, request: object): Promise<AdminAnswer> {
  let answer: AdminAnswer | null = null;
  let unreachable: unknown = null;
  let hint: string | null = null;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const server: string = hint ?? (flags.servers[hop % flags.servers.length] as string);
    hint = null;
    try {
      answer = await askMember(flags, server, { ...request, timeoutMs: flags.timeout });
      if (answer.ok || !NOT_YET.has(answer.error.code)) return answer;
      hint = answer.error.leaderAddress;
    } catch (error) {
      // A request that may have been carried out must not be made twice behind the operator's back.
      if (!(error instanceof RefusedError) || error.code === "UNKNOWN_OUTCOME") throw error;
      unreachable = error;
    }
    if (hint === null) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  if (answer === null) throw unreachable;
  return answer;
}
