/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

/**
 * CRC32C of `bytes` from `start` to `end`. With the CRC of what came before as `seed`, it goes on from there.
 * Eight bytes a step, each with a table of its own ("slicing-by-8", Kounavis and Berry 2005).
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  const t = TABLES;
  let crc = ~seed;
  let i = start;
  for (const last = end - 8; i <= last; i += 8) {
    const b0 = (bytes[i] as number) ^ (crc & 0xff);
    const b1 = (bytes[i + 1] as number) ^ ((crc >>> 8) & 0xff);
    const b2 = (bytes[i + 2] as number) ^ ((crc >>> 16) & 0xff);
    const b3 = (bytes[i + 3] as number) ^ (crc >>> 24);
    crc =
      (t[1792 + b0] as number) ^
      (t[1536 + b1] as number) ^
      (t[1280 + b2] as number) ^
      (t[1024 + b3] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^
      (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

/** Table k, at 256 k, holds the CRC of each byte with k zero bytes behind it. */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const shorter = tables[i - 256] as number;
    tables[i] = (shorter >>> 8) ^ (tables[shorter & 0xff] as number);
  }
  return tables;
}
