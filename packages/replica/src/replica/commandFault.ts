import { MAX_ID_LENGTH } from "@balsa/core";
import { fitsUtf8 } from "../encoding/utf8.js";
import type { ForwardedCommand } from "../forwarding/forwardMessage.js";
import type { RefusalCode, SessionCommand } from "../outcome.js";
import { MAX_ADDRESS_BYTES } from "../sessions/index.js";

/** Why a command can't be put into the log, whoever gave it; null when it can. */
export function faultOf(command: ForwardedCommand, maxCommandBytes: number): RefusalCode | null {
  switch (command.kind) {
    case "plain":
    case "command":
      if (!(command.payload instanceof Uint8Array)) return "MALFORMED";
      if (command.kind === "command" && !isSessionCommand(command.session)) return "MALFORMED";
      return command.payload.length > maxCommandBytes ? "TOO_LARGE" : null;
    case "register":
      return null;
    case "close":
      return isCount(command.sessionId) ? null : "MALFORMED";
    case "address":
      return isId(command.id) && (command.address === null || isAddress(command.address)) ? null : "MALFORMED";
  }
}

/** Whoever calls from JavaScript may give anything. */
function isSessionCommand(session: Partial<SessionCommand> | undefined): boolean {
  const { sessionId = 0, sequence = 0, firstOpenSequence = 0 } = session ?? {};
  return [sessionId, sequence, firstOpenSequence].every(isCount) && firstOpenSequence <= sequence;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1;
}

function isId(id: unknown): boolean {
  return typeof id === "string" && id.length >= 1 && id.length <= MAX_ID_LENGTH;
}

function isAddress(address: unknown): boolean {
  return typeof address === "string" && address !== "" && fitsUtf8(address, MAX_ADDRESS_BYTES);
}
