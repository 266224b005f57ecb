import type { HardState, Persist } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import {
  decodeEntry,
  decodeNodeId,
  decodeSnapshotMetadata,
  encodeEntry,
  encodeNodeId,
  encodeSnapshotMetadata,
} from "../encoding/entryCodec.js";

const NO_SNAPSHOT = 0;
const SNAPSHOT_REPLACES_LOG = 1;
const SNAPSHOT_KEEPS_LOG = 2;

/** The body of a batch record: all of `Persist` but its position, which means nothing to a later process. */
export function encodeBatch(writer: ByteWriter, persist: Persist): void {
  encodeHardState(writer, persist.hardState);
  if (persist.snapshot === null) {
    writer.u8(NO_SNAPSHOT);
  } else {
    writer.u8(persist.keepLogAfterSnapshot ? SNAPSHOT_KEEPS_LOG : SNAPSHOT_REPLACES_LOG);
    encodeSnapshotMetadata(writer, persist.snapshot);
  }
  writer.uint(persist.truncateFrom);
  writer.uint(persist.entries.length);
  for (const entry of persist.entries) encodeEntry(writer, entry);
}

/** @throws DecodeError. The entries' data are views on the bytes being read; `position` is 0. */
export function decodeBatch(reader: ByteReader): Persist {
  const hardState = decodeHardState(reader);
  const at = reader.offset;
  const form = reader.u8();
  if (form > SNAPSHOT_KEEPS_LOG) throw new DecodeError("an unknown form of batch", at);
  const snapshot = form === NO_SNAPSHOT ? null : decodeSnapshotMetadata(reader);
  const truncateFrom = reader.uint();
  const count = reader.uint();
  const entries = [];
  for (let i = 0; i < count; i++) entries.push(decodeEntry(reader));
  reader.expectEnd();
  return { position: 0, hardState, snapshot, keepLogAfterSnapshot: form === SNAPSHOT_KEEPS_LOG, truncateFrom, entries };
}

export function encodeHardState(writer: ByteWriter, hardState: HardState): void {
  writer.uint(hardState.term);
  writer.u8(hardState.vote === null ? 0 : 1);
  if (hardState.vote !== null) encodeNodeId(writer, hardState.vote);
}

export function decodeHardState(reader: ByteReader): HardState {
  const term = reader.uint();
  const at = reader.offset;
  const voted = reader.u8();
  if (voted > 1) throw new DecodeError("neither a vote nor none", at);
  return { term, vote: voted === 1 ? decodeNodeId(reader) : null };
}
