import type { ConfigurationChange, Message, RaftInput, ReadConsistency } from "@balsa/core";
import { invariant } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, decodeSnapshotMetadata, encodeNodeId, encodeSnapshotMetadata } from "../encoding/entryCodec.js";
import { isForwardMessage } from "../forwarding/forwardMessage.js";
import { isHostMessage } from "../host/hostMessage.js";
import { decodeMessage, writeMessage } from "../wire/messageCodec.js";

/** A tag is where its type stands here, so new ones go to the end, and stay below 250. */
const TYPES: readonly RaftInput["type"][] = [
  "takeEffects",
  "receive",
  "propose",
  "read",
  "reconfigure",
  "transferLeadership",
  "wake",
  "persisted",
  "applied",
  "snapshotTaken",
  "snapshotChunkRead",
  "snapshotReadFailed",
  "snapshotInstalled",
  "snapshotFailed",
  "rouse",
  "dropLogTail",
];
const CHANGES: readonly ConfigurationChange["type"][] = ["addLearner", "promote", "demote", "remove"];
const CONSISTENCIES: readonly ReadConsistency[] = ["linearizable", "lease"];
/** The group is in the head of the recording. */
const NO_GROUP = 0;

export function encodeInput(writer: ByteWriter, input: RaftInput): void {
  const tag = TYPES.indexOf(input.type);
  invariant(tag >= 0, () => `${input.type} is an input that can be recorded`);
  writer.u8(tag);
  if (input.type === "takeEffects") return;
  writer.f64(input.now);
  switch (input.type) {
    case "receive": {
      const lengthAt = writer.length;
      writer.u32(0);
      // It came from the network, where it was decoded.
      writeMessage(writer, { group: NO_GROUP, message: input.message as Message });
      return writer.setU32(lengthAt, writer.length - lengthAt - 4);
    }
    case "propose":
      writer.uint(input.commands.length);
      for (const command of input.commands) writer.lengthPrefixed(command);
      return;
    case "read":
      writer.uint(input.readContext);
      return writer.u8(CONSISTENCIES.indexOf(input.consistency));
    case "reconfigure":
      writer.uint(input.changes.length);
      for (const { type, id } of input.changes) {
        writer.u8(CHANGES.indexOf(type));
        writer.text(id);
      }
      return;
    case "transferLeadership":
      return writer.text(input.to);
    case "rouse":
      return writer.f64(input.leaderHeardAt);
    case "persisted":
      return writer.uint(input.position);
    case "applied":
      return writer.uint(input.index);
    case "snapshotTaken":
    case "snapshotInstalled":
      return encodeSnapshotMetadata(writer, input.snapshot);
    case "snapshotChunkRead":
      encodeNodeId(writer, input.to);
      writer.uint(input.snapshotIndex);
      writer.uint(input.offset);
      return writer.lengthPrefixed(input.data);
    case "snapshotReadFailed":
      encodeNodeId(writer, input.to);
      return writer.uint(input.snapshotIndex);
    case "snapshotFailed":
      return writer.uint(input.snapshotIndex);
    case "wake":
    case "dropLogTail":
  }
}

/** @throws DecodeError */
export function decodeInput(reader: ByteReader, tag: number): RaftInput {
  const type = TYPES[tag];
  if (type === undefined) throw new DecodeError(`an unknown input, ${String(tag)}`, reader.offset);
  if (type === "takeEffects") return { type };
  const now = reader.f64();
  switch (type) {
    case "receive": {
      const { message } = decodeMessage(reader.bytes(reader.u32()));
      if (isForwardMessage(message) || isHostMessage(message)) {
        throw new DecodeError("a message that is none of the core's", reader.offset);
      }
      return { type, now, message };
    }
    case "propose":
      return { type, now, commands: list(reader, () => reader.lengthPrefixed(reader.remaining)) };
    case "read":
      return { type, now, readContext: reader.uint(), consistency: oneOf(reader, CONSISTENCIES) };
    case "reconfigure": {
      const change = (): ConfigurationChange => ({ type: oneOf(reader, CHANGES), id: reader.text(reader.remaining) });
      return { type, now, changes: list(reader, change) };
    }
    case "transferLeadership":
      return { type, now, to: reader.text(reader.remaining) };
    case "wake":
    case "dropLogTail":
      return { type, now };
    case "rouse":
      return { type, now, leaderHeardAt: reader.f64() };
    case "persisted":
      return { type, now, position: reader.uint() };
    case "applied":
      return { type, now, index: reader.uint() };
    case "snapshotTaken":
    case "snapshotInstalled":
      return { type, now, snapshot: decodeSnapshotMetadata(reader) };
    case "snapshotChunkRead": {
      const [to, snapshotIndex, offset] = [decodeNodeId(reader), reader.uint(), reader.uint()];
      return { type, now, to, snapshotIndex, offset, data: reader.lengthPrefixed(reader.remaining) };
    }
    case "snapshotReadFailed":
      return { type, now, to: decodeNodeId(reader), snapshotIndex: reader.uint() };
    case "snapshotFailed":
      return { type, now, snapshotIndex: reader.uint() };
  }
}

function list<T>(reader: ByteReader, item: () => T): T[] {
  const count = reader.uint();
  // Each item has a byte at least.
  if (count > reader.remaining) throw new DecodeError(`${String(count)} items in fewer bytes`, reader.offset);
  return Array.from({ length: count }, item);
}

function oneOf<T>(reader: ByteReader, values: readonly T[]): T {
  const at = reader.offset;
  const value = values[reader.u8()];
  if (value === undefined) throw new DecodeError("an unknown choice", at);
  return value;
}
