import type { Configuration, Entry } from "@balsa/core";
import { DecodeError, decodeEnvelope } from "@balsa/replica";
import { printable } from "../render/text.js";

const SHOWN_BYTES = 40;

/** What an entry is, in a few words. A command is its service's own business: its bytes are shown as text. */
export function describeEntry({ kind, data, configuration }: Entry): string {
  if (kind === "configuration" && configuration !== null) return `members ${describeMembers(configuration)}`;
  if (kind === "noop") return "a leader's first";
  try {
    const envelope = decodeEnvelope(data);
    switch (envelope.kind) {
      case "plain":
        return `command ${preview(envelope.payload)}`;
      case "command": {
        const { sessionId, sequence } = envelope.session;
        return `command ${String(sequence)} of session ${String(sessionId)} ${preview(envelope.payload)}`;
      }
      case "register":
        return "a session begins";
      case "close":
        return `session ${String(envelope.sessionId)} ends`;
      case "address":
        return `${printable(envelope.id)} is ${envelope.address === null ? "nowhere" : `at ${printable(envelope.address)}`}`;
    }
  } catch (error) {
    if (error instanceof DecodeError) return `no envelope ${preview(data)}`;
    throw error;
  }
}

/** `a, b, c; learners d`, and of a joint configuration also whose votes go. */
export function describeMembers({ voters, votersOutgoing, learners }: Configuration): string {
  const list = (ids: readonly string[]): string => ids.map(printable).join(", ");
  const outgoing = votersOutgoing.length === 0 ? "" : `, replacing ${list(votersOutgoing)}`;
  return `${list(voters)}${outgoing}${learners.length === 0 ? "" : `; learners ${list(learners)}`}`;
}

/** Bytes that are no ASCII are shown as dots. */
function preview(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, SHOWN_BYTES);
  const text = Array.from(shown, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
  return `${JSON.stringify(text.join(""))}${bytes.length > SHOWN_BYTES ? "…" : ""}`;
}
