import type { SnapshotMetadata } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeConfiguration, encodeConfiguration } from "../encoding/entryCodec.js";
import { crc32c } from "./crc32c.js";
import { decodeFilePrefix, encodeFilePrefix, FILE_PREFIX_BYTES } from "./filePrefix.js";

/*
 * A snapshot file: file prefix · header length u32 · CRC32C u32 of the header · header · the snapshot's bytes · footer
 * The footer: length of the bytes u64 · their CRC32C u32 · CRC32C u32 of the footer, going on from the header's.
 * Length and checksum stand at the end, since they are known only there when a member writes its own snapshot.
 */

const MAGIC = "BALSASNP";
const SNAPSHOT_FORMAT_VERSION = 1;
export const HEADER_START = FILE_PREFIX_BYTES + 8;
export const FOOTER_BYTES = 16;
/** Room for the longest configuration, and then some. */
export const MAX_HEADER_BYTES = 1024 * 1024;

/** What is known of a snapshot when its writing begins. Length and checksum are given for one that is received. */
export interface SnapshotDraft {
  readonly index: number;
  readonly term: number;
  readonly configuration: SnapshotMetadata["configuration"];
  readonly sizeBytes?: number;
  readonly checksum?: number;
}

export function encodeSnapshotHeader(group: number, draft: SnapshotDraft): Uint8Array {
  const writer = new ByteWriter();
  encodeFilePrefix(writer, MAGIC, SNAPSHOT_FORMAT_VERSION);
  writer.u32(0);
  writer.u32(0);
  writer.u32(group);
  writer.uint(draft.index);
  writer.uint(draft.term);
  encodeConfiguration(writer, draft.configuration);
  writer.setU32(FILE_PREFIX_BYTES, writer.length - HEADER_START);
  writer.setU32(FILE_PREFIX_BYTES + 4, crc32c(writer.view(), HEADER_START));
  return writer.finish();
}

export function encodeSnapshotFooter(header: Uint8Array, sizeBytes: number, checksum: number): Uint8Array {
  const writer = new ByteWriter(FOOTER_BYTES);
  writer.u64(sizeBytes);
  writer.u32(checksum);
  writer.u32(crc32c(writer.view(), 0, writer.length, headerCrc(header)));
  return writer.finish();
}

/**
 * Where the header ends, by the first `HEADER_START` bytes of a file.
 * @throws DecodeError, UnknownFormatError
 */
export function snapshotHeaderEnd(file: string, start: Uint8Array): number {
  if (start.length < HEADER_START || !decodeFilePrefix(file, start, MAGIC, SNAPSHOT_FORMAT_VERSION)) {
    throw new DecodeError("the file doesn't begin as a snapshot does", 0);
  }
  const length = new ByteReader(start, FILE_PREFIX_BYTES).u32();
  if (length > MAX_HEADER_BYTES) throw new DecodeError("the header is too long", FILE_PREFIX_BYTES);
  return HEADER_START + length;
}

/**
 * What header (all bytes up to its end) and footer, which stands at `footerStart`, say.
 * @throws DecodeError
 */
export function decodeSnapshotEnds(
  header: Uint8Array,
  footer: Uint8Array,
  footerStart: number,
): SnapshotMetadata & { group: number } {
  if (crc32c(header, HEADER_START) !== headerCrc(header))
    throw new DecodeError("the header's checksum is wrong", HEADER_START);
  const reader = new ByteReader(header, HEADER_START);
  const group = reader.u32();
  const index = reader.uint();
  const term = reader.uint();
  const configuration = decodeConfiguration(reader);
  reader.expectEnd();
  const end = new ByteReader(footer);
  const sizeBytes = end.u64();
  const checksum = end.u32();
  if (end.u32() !== crc32c(footer, 0, FOOTER_BYTES - 4, headerCrc(header))) {
    throw new DecodeError("the footer's checksum is wrong", footerStart);
  }
  return { group, index, term, configuration, sizeBytes, checksum };
}

function headerCrc(header: Uint8Array): number {
  return new ByteReader(header, FILE_PREFIX_BYTES + 4).u32();
}
