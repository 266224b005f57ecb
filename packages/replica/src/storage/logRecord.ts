import { crc32c } from "./crc32c.js";
import type { ByteWriter } from "../encoding/byteWriter.js";

/*
 * A record: body length u32 · CRC32C u32 of all but itself · kind u8 · group u32 · own offset u32 · durable offset u32 · body
 *
 * The durable offset says up to where the segment was known to be durable when the record was written. It is what tells
 * damage from a torn tail: a record that can't be read but lies below the durable offset of a later one was durable once.
 * The own offset makes records findable behind an unreadable one, and keeps a copy of one from passing for it.
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
  readonly bodyStart: number;
  readonly end: number;
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
): void {
  putU32(bytes, start, end - start - RECORD_HEADER_BYTES);
  putU32(bytes, start + 13, offset);
  putU32(bytes, start + 17, durableOffset);
  putU32(bytes, start + 4, recordCrc(bytes, start, end));
}

/** The record at `offset` of a segment, or null if there is none that is whole. */
export function readRecord(segment: Uint8Array, offset: number): LogRecord | null {
  const bodyStart = offset + RECORD_HEADER_BYTES;
  if (bodyStart > segment.length || getU32(segment, offset + 13) !== offset) return null;
  const end = bodyStart + getU32(segment, offset);
  if (end > segment.length || end - offset > MAX_RECORD_BYTES) return null;
  if (recordCrc(segment, offset, end) !== getU32(segment, offset + 4)) return null;
  const kind = segment[offset + 8] as number;
  return { kind, group: getU32(segment, offset + 9), durableOffset: getU32(segment, offset + 17), bodyStart, end };
}

/** A whole record anywhere from `from` on that proves the segment durable beyond `beyond`; its offset, or -1. */
export function findProof(segment: Uint8Array, from: number, beyond: number): number {
  for (let offset = from; offset + RECORD_HEADER_BYTES <= segment.length; offset++) {
    const record = readRecord(segment, offset);
    if (record !== null && record.durableOffset > beyond) return offset;
  }
  return -1;
}

function recordCrc(bytes: Uint8Array, start: number, end: number): number {
  return crc32c(bytes, start + 8, end, crc32c(bytes, start, start + 4));
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
