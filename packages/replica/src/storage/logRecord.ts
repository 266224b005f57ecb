import { crc32c } from "./crc32c.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import type { RecordNonce } from "./recordNonce.js";

/*
 * A record: body length u32 · CRC32C u32 of all but itself · kind u8 · group u32 · own offset u32 · durable offset u32 · body
 *
 * The durable offset says up to where the segment was known to be durable when the record was written. It is what tells
 * damage from a torn tail: a record that can't be read but lies below the durable offset of a later one was durable once.
 * The own offset makes records findable behind an unreadable one, and keeps a copy of one from passing for it. Own offset
 * and CRC are mixed with the segment's nonce.
 */

export const RECORD_HEADER_BYTES = 21;
/** A batch that is larger is a mistake of the caller; also what recovery takes for possible. */
export const MAX_RECORD_BYTES = 256 * 1024 * 1024;

export const RECORD_BATCH = 1;
/** Says nothing but that all before it is durable. */
export const RECORD_SEAL = 2;

export interface LogRecord {
  readonly kind: number;
  readonly group: number;
  readonly durableOffset: number;
  /** Where it, and its body, stand in the bytes that were read. */
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** Makes room for the header; the body is to follow, then `completeRecord`. */
export function beginRecord(writer: ByteWriter, kind: number, group: number): void {
  writer.u32(0);
  writer.u32(0);
  writer.u8(kind);
  writer.u32(group);
  writer.u32(0);
  writer.u32(0);
}

/** Fills in what is known only when the record in `bytes` from `start` to `end` is about to be written to `offset`. */
export function completeRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
  durableOffset: number,
  nonce: RecordNonce,
): void {
  putU32(bytes, start, end - start - RECORD_HEADER_BYTES);
  putU32(bytes, start + 13, offset ^ nonce.offsetMask);
  putU32(bytes, start + 17, durableOffset);
  putU32(bytes, start + 4, recordCrc(bytes, start, end, nonce));
}

/**
 * How long the record is whose header stands whole in `bytes` at `at`, and in a file of `fileBytes` at `offset`; 0 when no
 * record can begin there.
 */
export function claimedRecordBytes(
  bytes: Uint8Array,
  at: number,
  offset: number,
  fileBytes: number,
  nonce: RecordNonce,
): number {
  if (getU32(bytes, at + 13) !== (offset ^ nonce.offsetMask) >>> 0) return 0;
  const length = RECORD_HEADER_BYTES + getU32(bytes, at);
  return length > MAX_RECORD_BYTES || length > fileBytes - offset ? 0 : length;
}

/** The record whose claimed `length` stands in `bytes` at `at`, or null if its checksum is not right. */
export function readRecord(bytes: Uint8Array, at: number, length: number, nonce: RecordNonce): LogRecord | null {
  const bodyEnd = at + length;
  if (recordCrc(bytes, at, bodyEnd, nonce) !== getU32(bytes, at + 4)) return null;
  return {
    kind: bytes[at + 8] as number,
    group: getU32(bytes, at + 9),
    durableOffset: getU32(bytes, at + 17),
    start: at,
    bodyStart: at + RECORD_HEADER_BYTES,
    bodyEnd,
  };
}

function recordCrc(bytes: Uint8Array, start: number, end: number, nonce: RecordNonce): number {
  return crc32c(bytes, start + 8, end, crc32c(bytes, start, start + 4, nonce.checksumSeed));
}

function putU32(bytes: Uint8Array, at: number, n: number): void {
  bytes[at] = n;
  bytes[at + 1] = n >>> 8;
  bytes[at + 2] = n >>> 16;
  bytes[at + 3] = n >>> 24;
}

function getU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}
