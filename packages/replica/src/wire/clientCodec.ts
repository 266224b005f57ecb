import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeConfiguration, encodeConfiguration } from "../encoding/entryCodec.js";
import type { ReplicaReadConsistency } from "../replica/replica.js";
import { MAX_ADDRESS_BYTES } from "../sessions/addressBook.js";
import { decodeFlag, encodeFlag } from "./bodyCodec.js";
import type { ClientRequest, ClientRequestBody, ClientResponse, ClientResponseBody } from "./clientProtocol.js";
import { decodeSessionCommand, encodeSessionCommand } from "./forwardCodec.js";
import { decodeRefusal, encodeRefusal } from "./refusalCode.js";

/** A command, a question, an answer, or a document. */
export const MAX_CLIENT_PAYLOAD_BYTES = 16 * 1024 * 1024;

/* A message: type u8 · request id · what the type has of its own. A type once given never means anything else. */
const REGISTER = 1;
const PROPOSE = 2;
const CLOSE_SESSION = 3;
const READ = 4;
const ADMIN = 5;
const SNAPSHOT = 6;
const SNAPSHOT_CHUNK = 7;

const REGISTERED = 1;
const APPLIED = 2;
const CLOSED = 3;
const ANSWER = 4;
const ADMIN_ANSWER = 5;
const REFUSED = 6;
const SNAPSHOT_CAPTURED = 7;
const SNAPSHOT_CHUNK_READ = 8;

const CONSISTENCIES: readonly ReplicaReadConsistency[] = ["linearizable", "lease", "stale"];

const writer = new ByteWriter(4_096);

export function encodeClientRequest(request: ClientRequest): Uint8Array {
  writer.reset();
  switch (request.type) {
    case "register":
      begin(REGISTER, request.requestId);
      break;
    case "propose":
      begin(PROPOSE, request.requestId);
      encodeFlag(writer, request.forward);
      encodeFlag(writer, request.session !== null);
      if (request.session !== null) encodeSessionCommand(writer, request.session);
      writer.lengthPrefixed(request.command);
      break;
    case "closeSession":
      begin(CLOSE_SESSION, request.requestId);
      writer.uint(request.sessionId);
      break;
    case "read":
      begin(READ, request.requestId);
      writer.u8(CONSISTENCIES.indexOf(request.consistency));
      writer.lengthPrefixed(request.question);
      break;
    case "admin":
      begin(ADMIN, request.requestId);
      writer.text(request.json);
      break;
    case "snapshot":
      begin(SNAPSHOT, request.requestId);
      writer.u8(CONSISTENCIES.indexOf(request.consistency));
      break;
    case "snapshotChunk":
      begin(SNAPSHOT_CHUNK, request.requestId);
      writer.uint(request.maxBytes);
  }
  return writer.finish();
}

/** @throws DecodeError. Payloads are views on the bytes. */
export function decodeClientRequest(bytes: Uint8Array): ClientRequest {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  const requestId = reader.uint();
  const body = decodeRequestBody(type, reader);
  reader.expectEnd();
  return { requestId, ...body };
}

function decodeRequestBody(type: number, reader: ByteReader): ClientRequestBody {
  switch (type) {
    case REGISTER:
      return { type: "register" };
    case PROPOSE: {
      const forward = decodeFlag(reader);
      const session = decodeFlag(reader) ? decodeSessionCommand(reader) : null;
      return { type: "propose", forward, session, command: reader.lengthPrefixed(MAX_CLIENT_PAYLOAD_BYTES) };
    }
    case CLOSE_SESSION:
      return { type: "closeSession", sessionId: reader.uint() };
    case READ: {
      const consistency = decodeConsistency(reader);
      return { type: "read", consistency, question: reader.lengthPrefixed(MAX_CLIENT_PAYLOAD_BYTES) };
    }
    case ADMIN:
      return { type: "admin", json: reader.text(MAX_CLIENT_PAYLOAD_BYTES) };
    case SNAPSHOT:
      return { type: "snapshot", consistency: decodeConsistency(reader) };
    case SNAPSHOT_CHUNK:
      return { type: "snapshotChunk", maxBytes: reader.uint() };
    default:
      throw new DecodeError(`unknown type of request ${String(type)}`, 0);
  }
}

function decodeConsistency(reader: ByteReader): ReplicaReadConsistency {
  const at = reader.offset;
  const consistency = CONSISTENCIES[reader.u8()];
  if (consistency === undefined) throw new DecodeError("an unknown consistency", at);
  return consistency;
}

export function encodeClientResponse(response: ClientResponse): Uint8Array {
  writer.reset();
  switch (response.type) {
    case "registered":
      begin(REGISTERED, response.requestId);
      writer.uint(response.sessionId);
      break;
    case "applied":
      begin(APPLIED, response.requestId);
      writer.uint(response.applied.index);
      writer.uint(response.applied.term);
      encodeFlag(writer, response.applied.duplicate);
      writer.lengthPrefixed(response.applied.result);
      break;
    case "closed":
      begin(CLOSED, response.requestId);
      break;
    case "answer":
      begin(ANSWER, response.requestId);
      writer.lengthPrefixed(response.answer);
      break;
    case "admin":
      begin(ADMIN_ANSWER, response.requestId);
      writer.text(response.json);
      break;
    case "snapshot":
      begin(SNAPSHOT_CAPTURED, response.requestId);
      writer.uint(response.description.index);
      writer.uint(response.description.term);
      encodeConfiguration(writer, response.description.configuration);
      break;
    case "snapshotChunk":
      begin(SNAPSHOT_CHUNK_READ, response.requestId);
      writer.lengthPrefixed(response.data);
      break;
    case "refused":
      begin(REFUSED, response.requestId);
      encodeRefusal(writer, response.refusal);
      writer.text(response.leaderAddress ?? "");
  }
  return writer.finish();
}

/** @throws DecodeError. Payloads are views on the bytes. */
export function decodeClientResponse(bytes: Uint8Array): ClientResponse {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  const requestId = reader.uint();
  const body = decodeResponseBody(type, reader);
  reader.expectEnd();
  return { requestId, ...body };
}

function decodeResponseBody(type: number, reader: ByteReader): ClientResponseBody {
  switch (type) {
    case REGISTERED:
      return { type: "registered", sessionId: reader.uint() };
    case APPLIED: {
      const index = reader.uint();
      const term = reader.uint();
      const duplicate = decodeFlag(reader);
      const result = reader.lengthPrefixed(MAX_CLIENT_PAYLOAD_BYTES);
      return { type: "applied", applied: { index, term, duplicate, result } };
    }
    case CLOSED:
      return { type: "closed" };
    case ANSWER:
      return { type: "answer", answer: reader.lengthPrefixed(MAX_CLIENT_PAYLOAD_BYTES) };
    case ADMIN_ANSWER:
      return { type: "admin", json: reader.text(MAX_CLIENT_PAYLOAD_BYTES) };
    case SNAPSHOT_CAPTURED: {
      const index = reader.uint();
      const term = reader.uint();
      return { type: "snapshot", description: { index, term, configuration: decodeConfiguration(reader) } };
    }
    case SNAPSHOT_CHUNK_READ:
      return { type: "snapshotChunk", data: reader.lengthPrefixed(MAX_CLIENT_PAYLOAD_BYTES) };
    case REFUSED: {
      const refusal = decodeRefusal(reader);
      const leaderAddress = reader.text(MAX_ADDRESS_BYTES);
      return { type: "refused", refusal, leaderAddress: leaderAddress === "" ? null : leaderAddress };
    }
    default:
      throw new DecodeError(`unknown type of response ${String(type)}`, 0);
  }
}

function begin(type: number, requestId: number): void {
  writer.u8(type);
  writer.uint(requestId);
}
