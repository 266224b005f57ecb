import type { SnapshotRequest, SnapshotResponse } from "@balsa/core";
import { decodeSnapshotMetadata, encodeSnapshotMetadata } from "../encoding/entryCodec.js";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";

export const snapshotRequestCodec: BodyCodec<SnapshotRequest> = {
  tag: 8,
  encode(writer, message) {
    encodeSnapshotMetadata(writer, message.snapshot);
    writer.uint(message.offset);
    writer.lengthPrefixed(message.data);
  },
  decode(reader, from, to, term) {
    const snapshot = decodeSnapshotMetadata(reader);
    const offset = reader.uint();
    const data = reader.lengthPrefixed(reader.remaining);
    return { type: "snapshotRequest", from, to, term, snapshot, offset, data };
  },
};

export const snapshotResponseCodec: BodyCodec<SnapshotResponse> = {
  tag: 9,
  encode(writer, message) {
    writer.uint(message.snapshotIndex);
    writer.uint(message.nextOffset);
    encodeFlag(writer, message.failed);
  },
  decode(reader, from, to, term) {
    const snapshotIndex = reader.uint();
    const nextOffset = reader.uint();
    const failed = decodeFlag(reader);
    return { type: "snapshotResponse", from, to, term, snapshotIndex, nextOffset, failed };
  },
};
