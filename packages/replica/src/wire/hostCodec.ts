import { invariant, type HeartbeatRequest, type HeartbeatResponse, type NodeId } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { Beacon, GroupHeartbeat, HeartbeatBatch } from "../host/hostMessage.js";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";
import { HOSTING_VERSION } from "./protocolVersion.js";

/** Heartbeats in one message. */
export const MAX_BATCHED_HEARTBEATS = 65_536;

const RESPONSE = 1;
const RESTING = 2;

export const beaconCodec: BodyCodec<Beacon> = {
  tag: 15,
  sinceVersion: HOSTING_VERSION,
  encode(writer, message) {
    writer.uint(message.incarnation);
    encodeFlag(writer, message.leaving);
  },
  decode(reader, from, to, term) {
    return { type: "beacon", from, to, term, incarnation: reader.uint(), leaving: decodeFlag(reader) };
  },
};

/** Sender and receiver of all of them are those of the message. */
export const heartbeatBatchCodec: BodyCodec<HeartbeatBatch> = {
  tag: 16,
  sinceVersion: HOSTING_VERSION,
  encode(writer, { heartbeats }) {
    invariant(heartbeats.length <= MAX_BATCHED_HEARTBEATS, "a batch of heartbeats is limited");
    writer.uint(heartbeats.length);
    for (const { group, message } of heartbeats) {
      const isResponse = message.type === "heartbeatResponse";
      const rests = isResponse ? message.resting : message.mayRest;
      writer.u8((isResponse ? RESPONSE : 0) | (rests ? RESTING : 0));
      writer.uint(group);
      writer.uint(message.term);
      writer.uint(message.round);
      if (!isResponse) writer.uint(message.commitIndex);
    }
  },
  decode(reader, from, to, term) {
    const at = reader.offset;
    const count = reader.uint();
    if (count > MAX_BATCHED_HEARTBEATS) throw new DecodeError(`${String(count)} heartbeats are too many`, at);
    const heartbeats: GroupHeartbeat[] = [];
    for (let i = 0; i < count; i++) heartbeats.push(decodeHeartbeat(reader, from, to));
    return { type: "heartbeatBatch", from, to, term, heartbeats };
  },
};

function decodeHeartbeat(reader: ByteReader, from: NodeId, to: NodeId): GroupHeartbeat {
  const at = reader.offset;
  const flags = reader.u8();
  if (flags > (RESPONSE | RESTING)) throw new DecodeError(`${String(flags)} are no flags of a heartbeat`, at);
  const [group, term, round] = [reader.uint(), reader.uint(), reader.uint()];
  const rests = (flags & RESTING) !== 0;
  const message: HeartbeatRequest | HeartbeatResponse =
    (flags & RESPONSE) !== 0
      ? { type: "heartbeatResponse", from, to, term, round, resting: rests }
      : { type: "heartbeatRequest", from, to, term, commitIndex: reader.uint(), round, mayRest: rests };
  return { group, message };
}
