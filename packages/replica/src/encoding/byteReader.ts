import { DecodeError } from "./decodeError.js";
import { decodeUtf8 } from "./utf8.js";

const MAX_UINT_BYTES = 8;
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/**
 * Reads what a `ByteWriter` wrote, and trusts nothing of it. Every method throws `DecodeError` where the bytes end too
 * early or are not what they should be.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new DecodeError("the range is outside", start);
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  /** Where the next read begins, in the bytes that were given. */
  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  u32(): number {
    const at = this.#take(4);
    const b = this.#bytes;
    const low = (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16);
    return (low | ((b[at + 3] as number) << 24)) >>> 0;
  }

  u64(): number {
    const at = this.#offset;
    const low = this.u32();
    const n = this.u32() * 0x1_0000_0000 + low;
    if (n > Number.MAX_SAFE_INTEGER) throw new DecodeError("a number beyond 2^53-1", at);
    return n;
  }

  uint(): number {
    const at = this.#offset;
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let n = byte & 0x7f;
    let unit = 1;
    for (let count = 1; byte >= 0x80; count++) {
      if (count === MAX_UINT_BYTES) throw new DecodeError("a number of too many bytes", at);
      unit *= 128;
      byte = this.u8();
      n += (byte & 0x7f) * unit;
    }
    // Only one form of each number is taken, so that equal values have equal bytes.
    if (byte === 0) throw new DecodeError("a number with needless bytes", at);
    if (n > Number.MAX_SAFE_INTEGER) throw new DecodeError("a number beyond 2^53-1", at);
    return n;
  }

  f64(): number {
    const at = this.#take(8);
    floatBytes.set(this.#bytes.subarray(at, at + 8));
    return float[0] as number;
  }

  /** The next `count` bytes: a view, not a copy. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Bytes behind their length: a view, not a copy. */
  lengthPrefixed(maxBytes: number): Uint8Array {
    const at = this.#offset;
    const count = this.uint();
    if (count > maxBytes) throw new DecodeError(`${String(count)} bytes where ${String(maxBytes)} are allowed`, at);
    return this.bytes(count);
  }

  text(maxBytes: number): string {
    const at = this.#offset;
    const count = this.uint();
    if (count > maxBytes) throw new DecodeError(`${String(count)} bytes where ${String(maxBytes)} are allowed`, at);
    const start = this.#take(count);
    return decodeUtf8(this.#bytes, start, start + count);
  }

  expectEnd(): void {
    if (this.remaining !== 0) throw new DecodeError(`${String(this.remaining)} bytes too many`, this.#offset);
  }

  #take(count: number): number {
    const at = this.#offset;
    if (count > this.#end - at) throw new DecodeError("the bytes end too early", at);
    this.#offset = at + count;
    return at;
  }
}
