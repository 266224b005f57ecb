import { invariant } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, encodeNodeId } from "../encoding/entryCodec.js";
import type { Refusal, RefusalCode } from "../outcome.js";

/** A refusal's code on the wire is its place here: codes are added at the end, and none is ever taken away. */
const CODES = [
  "NOT_LEADER",
  "NO_LEADER",
  "OVERLOADED",
  "DISK_FULL",
  "TOO_LARGE",
  "TRANSFERRING_LEADERSHIP",
  "UNKNOWN_OUTCOME",
  "TIMED_OUT",
  "STOPPED",
  "SESSION_EXPIRED",
  "STALE_SEQUENCE",
  "OUT_OF_ORDER",
  "MALFORMED",
  "INVALID_CHANGE",
  "CHANGE_IN_PROGRESS",
  "TERM_NOT_STARTED",
  "NOT_CAUGHT_UP",
  "NOT_A_VOTER",
  "NOT_REACHED",
] as const satisfies readonly RefusalCode[];

type Listed = (typeof CODES)[number];
const everyCodeIsListed: [RefusalCode] extends [Listed] ? true : never = true;
invariant(everyCodeIsListed, "every refusal has a number");

/** Of the text, as UTF-8. */
const MAX_TEXT_BYTES = 1_024;

export function encodeRefusal(writer: ByteWriter, refusal: Refusal): void {
  writer.u8(CODES.indexOf(refusal.code));
  writer.u8(refusal.leaderHint === null ? 0 : 1);
  if (refusal.leaderHint !== null) encodeNodeId(writer, refusal.leaderHint);
  // Four bytes are the most that one character, or half of one, can take.
  writer.text(refusal.message.slice(0, MAX_TEXT_BYTES / 4));
}

export function decodeRefusal(reader: ByteReader): Refusal {
  const at = reader.offset;
  const code = CODES[reader.u8()];
  if (code === undefined) throw new DecodeError("an unknown reason to refuse", at);
  const hasHint = reader.u8();
  if (hasHint > 1) throw new DecodeError("neither a hint nor none", at);
  const leaderHint = hasHint === 1 ? decodeNodeId(reader) : null;
  return { ok: false, code, leaderHint, message: reader.text(MAX_TEXT_BYTES) };
}
