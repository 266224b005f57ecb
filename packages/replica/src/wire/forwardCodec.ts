import { invariant } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, encodeNodeId } from "../encoding/entryCodec.js";
import type {
  ForwardedCommand,
  ForwardedResult,
  ForwardRequest,
  ForwardResponse,
} from "../forwarding/forwardMessage.js";
import type { Outcome, SessionCommand } from "../outcome.js";
import { MAX_ADDRESS_BYTES } from "../sessions/addressBook.js";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";
import { decodeRefusal, encodeRefusal } from "./refusalCode.js";

/** Commands in one request, or outcomes in one response. */
export const MAX_FORWARDED_COMMANDS = 4_096;
/** A forwarded command, or the answer to one. */
export const MAX_FORWARDED_BYTES = 16 * 1024 * 1024;

const KINDS: readonly ForwardedCommand["kind"][] = ["plain", "command", "register", "close", "address"];

export const forwardRequestCodec: BodyCodec<ForwardRequest> = {
  tag: 13,
  encode(writer, { requests }) {
    encodeCount(writer, requests.length);
    for (const { id, command } of requests) {
      writer.uint(id);
      encodeCommand(writer, command);
    }
  },
  decode(reader, from, to, term) {
    const count = decodeCount(reader);
    const requests = [];
    for (let i = 0; i < count; i++) {
      const id = reader.uint();
      requests.push({ id, command: decodeCommand(reader) });
    }
    return { type: "forwardRequest", from, to, term, requests };
  },
};

export const forwardResponseCodec: BodyCodec<ForwardResponse> = {
  tag: 14,
  encode(writer, { responses }) {
    encodeCount(writer, responses.length);
    for (const { id, outcome } of responses) {
      writer.uint(id);
      encodeOutcome(writer, outcome);
    }
  },
  decode(reader, from, to, term) {
    const count = decodeCount(reader);
    const responses = [];
    for (let i = 0; i < count; i++) {
      const id = reader.uint();
      responses.push({ id, outcome: decodeOutcome(reader) });
    }
    return { type: "forwardResponse", from, to, term, responses };
  },
};

export function encodeSessionCommand(writer: ByteWriter, session: SessionCommand): void {
  writer.uint(session.sessionId);
  writer.uint(session.sequence);
  writer.uint(session.firstOpenSequence);
}

export function decodeSessionCommand(reader: ByteReader): SessionCommand {
  return { sessionId: reader.uint(), sequence: reader.uint(), firstOpenSequence: reader.uint() };
}

function encodeCount(writer: ByteWriter, count: number): void {
  invariant(
    count <= MAX_FORWARDED_COMMANDS,
    `at most ${String(MAX_FORWARDED_COMMANDS)} commands are forwarded at once`,
  );
  writer.uint(count);
}

function decodeCount(reader: ByteReader): number {
  const at = reader.offset;
  const count = reader.uint();
  if (count > MAX_FORWARDED_COMMANDS) {
    throw new DecodeError(`${String(count)} commands where ${String(MAX_FORWARDED_COMMANDS)} are allowed`, at);
  }
  return count;
}

function encodeCommand(writer: ByteWriter, command: ForwardedCommand): void {
  writer.u8(KINDS.indexOf(command.kind));
  switch (command.kind) {
    case "plain":
      writer.lengthPrefixed(command.payload);
      return;
    case "command":
      encodeSessionCommand(writer, command.session);
      writer.lengthPrefixed(command.payload);
      return;
    case "register":
      return;
    case "close":
      writer.uint(command.sessionId);
      return;
    case "address":
      encodeNodeId(writer, command.id);
      encodeFlag(writer, command.address !== null);
      if (command.address !== null) writer.text(command.address);
  }
}

function decodeCommand(reader: ByteReader): ForwardedCommand {
  const at = reader.offset;
  const kind = KINDS[reader.u8()];
  switch (kind) {
    case "plain":
      return { kind, payload: reader.lengthPrefixed(MAX_FORWARDED_BYTES) };
    case "command": {
      const session = decodeSessionCommand(reader);
      return { kind, session, payload: reader.lengthPrefixed(MAX_FORWARDED_BYTES) };
    }
    case "register":
      return { kind };
    case "close":
      return { kind, sessionId: reader.uint() };
    case "address": {
      const id = decodeNodeId(reader);
      return { kind, id, address: decodeFlag(reader) ? reader.text(MAX_ADDRESS_BYTES) : null };
    }
    default:
      throw new DecodeError("an unknown kind of command", at);
  }
}

function encodeOutcome(writer: ByteWriter, outcome: Outcome<ForwardedResult>): void {
  encodeFlag(writer, outcome.ok);
  if (!outcome.ok) return encodeRefusal(writer, outcome);
  const { index, term, duplicate, result } = outcome.value;
  writer.uint(index);
  writer.uint(term);
  encodeFlag(writer, duplicate);
  writer.lengthPrefixed(result);
}

function decodeOutcome(reader: ByteReader): Outcome<ForwardedResult> {
  if (!decodeFlag(reader)) return decodeRefusal(reader);
  const index = reader.uint();
  const term = reader.uint();
  const duplicate = decodeFlag(reader);
  return { ok: true, value: { result: reader.lengthPrefixed(MAX_FORWARDED_BYTES), index, term, duplicate } };
}
