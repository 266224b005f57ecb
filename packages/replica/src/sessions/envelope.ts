import { invariant, type NodeId } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteSlab } from "../encoding/byteSlab.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, encodeNodeId } from "../encoding/entryCodec.js";
import type { SessionCommand } from "../outcome.js";
import { MAX_ADDRESS_BYTES } from "./addressBook.js";

/** The data of a log entry whose kind is `command`: what is to be done, and when the leader proposed it. */
export type Envelope = {
  /** The leader's reading of the replicated clock (see `ClusterClock`), in whole milliseconds. */
  readonly clusterTimeMs: number;
} & (
  | { readonly kind: "plain"; readonly payload: Uint8Array }
  | { readonly kind: "command"; readonly session: SessionCommand; readonly payload: Uint8Array }
  | { readonly kind: "register" }
  | { readonly kind: "close"; readonly sessionId: number }
  | { readonly kind: "address"; readonly id: NodeId; readonly address: string | null }
);

// The upper four bits of the first byte are the version of the format.
const PLAIN = 0x11;
const COMMAND = 0x12;
const REGISTER = 0x13;
const CLOSE = 0x14;
const ADDRESS = 0x15;

/** The most that an envelope adds to its payload. */
export const MAX_ENVELOPE_OVERHEAD_BYTES = 1 + 4 * 8;

const writer = new ByteWriter(1024);
/** Envelopes stay in the log of whoever leads until it is compacted. */
const slab = new ByteSlab();

/** @throws InvariantError where a number is not a safe integer from 0, or the session's sequences contradict each other. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  writer.reset();
  switch (envelope.kind) {
    case "plain":
      writer.u8(PLAIN);
      writer.uint(envelope.clusterTimeMs);
      writer.bytes(envelope.payload);
      break;
    case "command": {
      const { sessionId, sequence, firstOpenSequence } = envelope.session;
      invariant(firstOpenSequence >= 1, "sequences of a session count up from 1");
      invariant(firstOpenSequence <= sequence, "a command that is still being sent is open itself");
      writer.u8(COMMAND);
      writer.uint(envelope.clusterTimeMs);
      writer.uint(sessionId);
      writer.uint(sequence);
      writer.uint(sequence - firstOpenSequence);
      writer.bytes(envelope.payload);
      break;
    }
    case "register":
      writer.u8(REGISTER);
      writer.uint(envelope.clusterTimeMs);
      break;
    case "close":
      writer.u8(CLOSE);
      writer.uint(envelope.clusterTimeMs);
      writer.uint(envelope.sessionId);
      break;
    case "address":
      writer.u8(ADDRESS);
      writer.uint(envelope.clusterTimeMs);
      encodeNodeId(writer, envelope.id);
      // Empty: forget it. An address has at least one character.
      writer.text(envelope.address ?? "");
      break;
  }
  return slab.copy(writer.view());
}

/**
 * The payload is a view on the bytes.
 * @throws DecodeError
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  const clusterTimeMs = reader.uint();
  switch (tag) {
    case PLAIN:
      return { kind: "plain", clusterTimeMs, payload: reader.bytes(reader.remaining) };
    case COMMAND: {
      const session = decodeSessionCommand(reader);
      return { kind: "command", clusterTimeMs, session, payload: reader.bytes(reader.remaining) };
    }
    case REGISTER:
      reader.expectEnd();
      return { kind: "register", clusterTimeMs };
    case CLOSE: {
      const sessionId = reader.uint();
      reader.expectEnd();
      return { kind: "close", clusterTimeMs, sessionId };
    }
    case ADDRESS: {
      const id = decodeNodeId(reader);
      const address = reader.text(MAX_ADDRESS_BYTES);
      reader.expectEnd();
      return { kind: "address", clusterTimeMs, id, address: address === "" ? null : address };
    }
    default:
      throw new DecodeError(`unknown kind ${String(tag)} of envelope`, 0);
  }
}

function decodeSessionCommand(reader: ByteReader): SessionCommand {
  const sessionId = reader.uint();
  const at = reader.offset;
  const sequence = reader.uint();
  const open = reader.uint();
  if (open >= sequence) throw new DecodeError("sequences of a session count up from 1", at);
  return { sessionId, sequence, firstOpenSequence: sequence - open };
}
