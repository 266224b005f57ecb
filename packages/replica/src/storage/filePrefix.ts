import { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { crc32c } from "./crc32c.js";
import { UnknownFormatError } from "./unknownFormatError.js";

/*
 * Every file begins with: magic, 8 bytes · format version u32 · CRC32C u32 of both. This holds in every version, so that
 * an older program can tell a file of a newer one from a damaged one.
 */

export const FILE_PREFIX_BYTES = 16;
const CHECKED_BYTES = 12;

/** `magic` has eight letters of ASCII. */
export function encodeFilePrefix(writer: ByteWriter, magic: string, version: number): void {
  const start = writer.length;
  for (let i = 0; i < 8; i++) writer.u8(magic.charCodeAt(i));
  writer.u32(version);
  writer.u32(crc32c(writer.view(), start, start + CHECKED_BYTES));
}

/**
 * Whether the bytes begin with such a prefix, whole and with this magic.
 * @throws UnknownFormatError when it is whole, but of another version.
 */
export function decodeFilePrefix(file: string, bytes: Uint8Array, magic: string, version: number): boolean {
  if (bytes.length < FILE_PREFIX_BYTES) return false;
  const reader = new ByteReader(bytes, 8, FILE_PREFIX_BYTES);
  const found = reader.u32();
  if (reader.u32() !== crc32c(bytes, 0, CHECKED_BYTES)) return false;
  for (let i = 0; i < 8; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  if (found !== version) throw new UnknownFormatError(file, found, version);
  return true;
}
