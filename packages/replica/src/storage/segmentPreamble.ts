import { InvariantError } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeSnapshotMetadata, encodeSnapshotMetadata } from "../encoding/entryCodec.js";
import { crc32c } from "./crc32c.js";
import { decodeFilePrefix, encodeFilePrefix, FILE_PREFIX_BYTES } from "./filePrefix.js";
import { GroupTail, type TermRun } from "./groupTail.js";
import { decodeHardState, encodeHardState } from "./logBatch.js";
import type { RecordNonce } from "./recordNonce.js";

/*
 * A segment begins with: file prefix · body length u32 · CRC32C u32 of the body · body
 *
 * The body stands for everything before the segment, group by group, so that all older segments can be dropped. It is
 * durable before the file gets the name of a segment.
 */

const MAGIC = "BALSALOG";
const LOG_FORMAT_VERSION = 2;
const BODY_START = FILE_PREFIX_BYTES + 8;

export interface SegmentPreamble {
  readonly sequence: number;
  /** Where the records of the segment before ended; all of them were durable by then. 0 in the first segment. */
  readonly previousEndOffset: number;
  /** How long the file was made. */
  readonly capacity: number;
  readonly nonce: RecordNonce;
  readonly tails: ReadonlyMap<number, GroupTail>;
  /** Where the records begin. */
  readonly endOffset: number;
}

/** `capacity` gives the size of the file, by that of the preamble. */
export function encodePreamble(
  given: Pick<SegmentPreamble, "sequence" | "previousEndOffset" | "nonce" | "tails">,
  capacity: (preambleBytes: number) => number,
): { readonly bytes: Uint8Array; readonly capacity: number } {
  const { sequence, previousEndOffset, nonce, tails } = given;
  const writer = new ByteWriter();
  encodeFilePrefix(writer, MAGIC, LOG_FORMAT_VERSION);
  writer.u32(0);
  writer.u32(0);
  const capacityAt = writer.length;
  writer.u32(0);
  writer.u32(nonce.offsetMask);
  writer.u32(nonce.checksumSeed);
  writer.uint(sequence);
  writer.uint(previousEndOffset);
  writer.uint(tails.size);
  for (const [group, tail] of tails) {
    writer.u32(group);
    encodeTail(writer, tail);
  }
  const capacityBytes = capacity(writer.length);
  writer.setU32(capacityAt, capacityBytes);
  writer.setU32(FILE_PREFIX_BYTES, writer.length - BODY_START);
  writer.setU32(FILE_PREFIX_BYTES + 4, crc32c(writer.view(), BODY_START));
  return { bytes: writer.finish(), capacity: capacityBytes };
}

/** How long the preamble is that begins with these bytes, if it is one. */
export function claimedPreambleBytes(bytes: Uint8Array): number {
  return bytes.length < BODY_START ? 0 : BODY_START + new ByteReader(bytes, FILE_PREFIX_BYTES, BODY_START).u32();
}

/**
 * The preamble that a segment begins with, or null if it isn't whole.
 * @throws UnknownFormatError when it is of another version.
 */
export function decodePreamble(file: string, segment: Uint8Array): SegmentPreamble | null {
  if (!decodeFilePrefix(file, segment, MAGIC, LOG_FORMAT_VERSION) || segment.length < BODY_START) return null;
  const lengths = new ByteReader(segment, FILE_PREFIX_BYTES, BODY_START);
  const endOffset = BODY_START + lengths.u32();
  if (endOffset > segment.length || crc32c(segment, BODY_START, endOffset) !== lengths.u32()) return null;
  const reader = new ByteReader(segment, BODY_START, endOffset);
  try {
    const capacity = reader.u32();
    const nonce = { offsetMask: reader.u32(), checksumSeed: reader.u32() };
    const sequence = reader.uint();
    const previousEndOffset = reader.uint();
    const tails = new Map<number, GroupTail>();
    for (let count = reader.uint(); count > 0; count--) {
      const group = reader.u32();
      tails.set(group, decodeTail(reader));
    }
    reader.expectEnd();
    return { sequence, previousEndOffset, capacity, nonce, tails, endOffset };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof InvariantError) return null;
    throw error;
  }
}

function encodeTail(writer: ByteWriter, tail: GroupTail): void {
  encodeHardState(writer, tail.hardState);
  writer.u8(tail.snapshot === null ? 0 : 1);
  if (tail.snapshot !== null) encodeSnapshotMetadata(writer, tail.snapshot);
  writer.uint(tail.lastIndex);
  writer.uint(tail.runs.length);
  for (const { fromIndex, term } of tail.runs) {
    writer.uint(fromIndex);
    writer.uint(term);
  }
}

function decodeTail(reader: ByteReader): GroupTail {
  const hardState = decodeHardState(reader);
  const snapshot = reader.u8() === 0 ? null : decodeSnapshotMetadata(reader);
  const lastIndex = reader.uint();
  const runs: TermRun[] = [];
  for (let count = reader.uint(); count > 0; count--) {
    const fromIndex = reader.uint();
    runs.push({ fromIndex, term: reader.uint() });
  }
  return new GroupTail(hardState, snapshot, lastIndex, runs);
}
