import { invariant } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, encodeNodeId } from "../encoding/entryCodec.js";
import type { GroupMessage, PeerMessage } from "../network.js";
import type { BodyCodec } from "./bodyCodec.js";
import { timeoutNowCodec, voteRequestCodec, voteResponseCodec } from "./electionCodec.js";
import { forwardRequestCodec, forwardResponseCodec } from "./forwardCodec.js";
import { beaconCodec, heartbeatBatchCodec } from "./hostCodec.js";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "./protocolVersion.js";
import { readIndexRequestCodec, readIndexResponseCodec } from "./readCodec.js";
import {
  appendAcceptedCodec,
  appendRejectedCodec,
  appendRequestCodec,
  heartbeatRequestCodec,
  heartbeatResponseCodec,
} from "./replicationCodec.js";
import { snapshotRequestCodec, snapshotResponseCodec } from "./snapshotCodec.js";

/** A whole message. An append or a chunk of a snapshot must be limited so that it fits, whatever its entries hold. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

const CODECS: { readonly [T in PeerMessage["type"]]: BodyCodec<Extract<PeerMessage, { type: T }>> } = {
  voteRequest: voteRequestCodec,
  voteResponse: voteResponseCodec,
  appendRequest: appendRequestCodec,
  appendAccepted: appendAcceptedCodec,
  appendRejected: appendRejectedCodec,
  heartbeatRequest: heartbeatRequestCodec,
  heartbeatResponse: heartbeatResponseCodec,
  snapshotRequest: snapshotRequestCodec,
  snapshotResponse: snapshotResponseCodec,
  readIndexRequest: readIndexRequestCodec,
  readIndexResponse: readIndexResponseCodec,
  timeoutNow: timeoutNowCodec,
  forwardRequest: forwardRequestCodec,
  forwardResponse: forwardResponseCodec,
  beacon: beaconCodec,
  heartbeatBatch: heartbeatBatchCodec,
};

const CODEC_OF_TAG: readonly (BodyCodec<PeerMessage> | undefined)[] = codecsByTag();

// One buffer for all messages: encoding is never interrupted, and what is handed out is a copy of the right size.
const writer = new ByteWriter(4096);

/**
 * Bytes: protocol version, type, group, sender, receiver, term, and then what the type has of its own in that version.
 * @throws InvariantError for a message beyond the limits, which must be kept by whoever makes messages.
 */
export function encodeMessage(groupMessage: GroupMessage, version = MAX_PROTOCOL_VERSION): Uint8Array {
  writer.reset();
  writeMessage(writer, groupMessage, version);
  invariant(writer.length <= MAX_MESSAGE_BYTES, `a message has at most ${String(MAX_MESSAGE_BYTES)} bytes`);
  return writer.finish();
}

/** Puts a message, as `encodeMessage` makes it, behind what has been written. */
export function writeMessage(
  writer: ByteWriter,
  { group, message }: GroupMessage,
  version = MAX_PROTOCOL_VERSION,
): void {
  const codec: BodyCodec<PeerMessage> = CODECS[message.type];
  invariant(isIn(codec, version), () => `version ${String(version)} of the protocol has ${message.type}`);
  writer.u8(version);
  writer.u8(codec.tag);
  writer.uint(group);
  encodeNodeId(writer, message.from);
  encodeNodeId(writer, message.to);
  writer.uint(message.term);
  codec.encode(writer, message, version);
}

/**
 * The message in these bytes. Its entries and data are views on them, so they belong to the message from here on.
 *
 * That each field has its type is all that is checked; whether the message makes sense is for the core to say.
 * @throws DecodeError where the bytes are no message of a version of the protocol that is spoken here.
 */
export function decodeMessage(bytes: Uint8Array): GroupMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new DecodeError(
      `a message of ${String(bytes.length)} bytes where ${String(MAX_MESSAGE_BYTES)} are allowed`,
      0,
    );
  }
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version < MIN_PROTOCOL_VERSION || version > MAX_PROTOCOL_VERSION) {
    const ours = `${String(MIN_PROTOCOL_VERSION)} to ${String(MAX_PROTOCOL_VERSION)}`;
    throw new DecodeError(`protocol version ${String(version)}, while this member speaks ${ours}`, 0);
  }
  const tag = reader.u8();
  const codec = CODEC_OF_TAG[tag];
  if (codec === undefined || !isIn(codec, version)) throw new DecodeError(`unknown type of message ${String(tag)}`, 1);
  const group = reader.uint();
  const from = decodeNodeId(reader);
  const to = decodeNodeId(reader);
  const term = reader.uint();
  const message = codec.decode(reader, from, to, term, version);
  reader.expectEnd();
  return { group, message };
}

function isIn(codec: BodyCodec<PeerMessage>, version: number): boolean {
  return codec.sinceVersion === undefined || version >= codec.sinceVersion;
}

function codecsByTag(): readonly (BodyCodec<PeerMessage> | undefined)[] {
  const byTag: (BodyCodec<PeerMessage> | undefined)[] = [];
  for (const codec of Object.values<BodyCodec<PeerMessage>>(CODECS)) {
    invariant(byTag[codec.tag] === undefined, `no two types of message share the tag ${String(codec.tag)}`);
    byTag[codec.tag] = codec;
  }
  return byTag;
}
