import {
  invariant,
  type Configuration,
  type Entry,
  type EntryKind,
  type NodeId,
  type SnapshotMetadata,
} from "@balsa/core";
import type { ByteReader } from "./byteReader.js";
import type { ByteWriter } from "./byteWriter.js";
import { DecodeError } from "./decodeError.js";
import { utf8Length } from "./utf8.js";

/** All lists of a configuration together. */
export const MAX_MEMBERS = 1_000;
/** Of one member's id, as UTF-8. */
export const MAX_NODE_ID_BYTES = 256;

const KINDS: readonly EntryKind[] = ["noop", "command", "configuration"];

export function encodeEntry(writer: ByteWriter, entry: Entry): void {
  writer.uint(entry.index);
  writer.uint(entry.term);
  writer.u8(KINDS.indexOf(entry.kind));
  writer.lengthPrefixed(entry.data);
  if (entry.kind === "configuration") {
    invariant(entry.configuration !== null, "an entry that changes the configuration must hold it");
    encodeConfiguration(writer, entry.configuration);
  }
}

/** The entry's data is a view on the bytes being read. */
export function decodeEntry(reader: ByteReader): Entry {
  const index = reader.uint();
  const term = reader.uint();
  const at = reader.offset;
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new DecodeError("an unknown kind of entry", at);
  const data = reader.lengthPrefixed(reader.remaining);
  const configuration = kind === "configuration" ? decodeConfiguration(reader) : null;
  return { index, term, kind, data, configuration };
}

export function encodeConfiguration(writer: ByteWriter, configuration: Configuration): void {
  const { voters, votersOutgoing, learners, learnersNext } = configuration;
  const members = voters.length + votersOutgoing.length + learners.length + learnersNext.length;
  invariant(members <= MAX_MEMBERS, `a configuration names at most ${String(MAX_MEMBERS)} members`);
  for (const ids of [voters, votersOutgoing, learners, learnersNext]) {
    writer.uint(ids.length);
    for (const id of ids) encodeNodeId(writer, id);
  }
}

export function decodeConfiguration(reader: ByteReader): Configuration {
  let budget = MAX_MEMBERS;
  const readIds = (): NodeId[] => {
    const at = reader.offset;
    const count = reader.uint();
    if (count > budget) throw new DecodeError(`more than ${String(MAX_MEMBERS)} members`, at);
    budget -= count;
    const ids: NodeId[] = [];
    for (let i = 0; i < count; i++) ids.push(decodeNodeId(reader));
    return ids;
  };
  const voters = readIds();
  const votersOutgoing = readIds();
  const learners = readIds();
  const learnersNext = readIds();
  return { voters, votersOutgoing, learners, learnersNext };
}

export function encodeSnapshotMetadata(writer: ByteWriter, metadata: SnapshotMetadata): void {
  writer.uint(metadata.index);
  writer.uint(metadata.term);
  encodeConfiguration(writer, metadata.configuration);
  writer.uint(metadata.sizeBytes);
  writer.uint(metadata.checksum);
}

export function decodeSnapshotMetadata(reader: ByteReader): SnapshotMetadata {
  const index = reader.uint();
  const term = reader.uint();
  const configuration = decodeConfiguration(reader);
  const sizeBytes = reader.uint();
  const checksum = reader.uint();
  return { index, term, configuration, sizeBytes, checksum };
}

/** Refused here, too, and not only when read: what can't be read again must not be written. */
export function encodeNodeId(writer: ByteWriter, id: NodeId): void {
  const length = utf8Length(id);
  invariant(length > 0 && length <= MAX_NODE_ID_BYTES, `a member's id has 1 to ${String(MAX_NODE_ID_BYTES)} bytes`);
  writer.text(id);
}

export function decodeNodeId(reader: ByteReader): NodeId {
  const at = reader.offset;
  const id = reader.text(MAX_NODE_ID_BYTES);
  if (id.length === 0) throw new DecodeError("an empty member's id", at);
  return id;
}
