import type { NodeId } from "@balsa/core";
import type { Refusal, RefusalCode } from "../outcome.js";

const MESSAGES: Readonly<Record<RefusalCode, string>> = {
  NOT_LEADER: "This member does not lead, and the command was not and will not be applied. Ask the leader.",
  NO_LEADER: "No leader is known at present. Try again after an election.",
  OVERLOADED: "Too much is waiting already, and nothing was done. Try again later.",
  DISK_FULL: "The leader's disk is full, and nothing was done. Make room on it, or hand leadership to another member.",
  TOO_LARGE: "The command is longer than the limit, and nothing was done. Send less at once.",
  TRANSFERRING_LEADERSHIP: "Leadership is being handed over, and nothing was done. Try again, at the new leader.",
  UNKNOWN_OUTCOME: "Whether it was, or will be, applied is not known. Send it again only if it belongs to a session.",
  TIMED_OUT: "No answer came in time, and nothing was changed. Try again.",
  STOPPED: "This member has stopped, and nothing was done. Ask another.",
  SESSION_EXPIRED: "The session has expired, and the command was not applied this time. Register a new session.",
  STALE_SEQUENCE: "The command was applied, and its answer given and forgotten.",
  OUT_OF_ORDER: "The command before it in its session is not applied, so nothing was done. Send that one first.",
  MALFORMED:
    "It could not be understood, and had no effect. Sequences count up from 1, the first open one not above it.",
  INVALID_CHANGE: "The membership can't be changed like this, and nothing was done.",
  CHANGE_IN_PROGRESS: "A membership change is under way, and nothing was done. Try again when it has ended.",
  TERM_NOT_STARTED: "The leader has only just been elected, and nothing was done. Try again shortly.",
  NOT_CAUGHT_UP: "The learner still lacks too much of the log to be promoted, and nothing was done. Try again later.",
  NOT_REACHED: "No member was reached, and nothing was done. See to the addresses, or try again later.",
  NOT_A_VOTER: "Leadership can be handed to another voter only, and nothing was done.",
};

/** A refusal that says what it means and, in `detail`, what it means here. */
export function refusal(code: RefusalCode, leaderHint: NodeId | null, detail?: string): Refusal {
  const message = detail === undefined ? MESSAGES[code] : `${MESSAGES[code]} (${detail})`;
  return { ok: false, code, leaderHint, message };
}
