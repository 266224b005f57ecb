import { invariant } from "@balsa/core";
import { encodeUtf8, utf8Length } from "./utf8.js";

const MAX_U32 = 0xffff_ffff;
const MAX_UINT_BYTES = 8;
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Puts values behind one another into a buffer that grows. All numbers are little-endian. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor(initialCapacity = 256) {
    this.#buffer = new Uint8Array(initialCapacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(n: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = n;
  }

  u32(n: number): void {
    this.#reserve(4);
    this.#length += 4;
    this.setU32(this.#length - 4, n);
  }

  /** A whole number from 0 to 2^53-1 in eight bytes. */
  u64(n: number): void {
    invariant(Number.isSafeInteger(n) && n >= 0, `${String(n)} must be a whole number from 0 to 2^53-1`);
    this.u32(n % 0x1_0000_0000);
    this.u32(Math.floor(n / 0x1_0000_0000));
  }

  /** A whole number from 0 to 2^53-1 in one to eight bytes, seven bits each, lowest first. */
  uint(n: number): void {
    invariant(Number.isSafeInteger(n) && n >= 0, `${String(n)} must be a whole number from 0 to 2^53-1`);
    this.#reserve(MAX_UINT_BYTES);
    const buffer = this.#buffer;
    while (n > 0x7fff_ffff) {
      buffer[this.#length++] = (n % 128) | 0x80;
      n = Math.floor(n / 128);
    }
    while (n > 0x7f) {
      buffer[this.#length++] = (n & 0x7f) | 0x80;
      n >>>= 7;
    }
    buffer[this.#length++] = n;
  }

  f64(n: number): void {
    float[0] = n;
    this.bytes(floatBytes);
  }

  /** These bytes as they are, without their length. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  lengthPrefixed(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.bytes(bytes);
  }

  /** UTF-8 behind its length in bytes. */
  text(text: string): void {
    const length = utf8Length(text);
    this.uint(length);
    this.#reserve(length);
    this.#length = encodeUtf8(text, this.#buffer, this.#length);
  }

  /** Writes over four bytes that have been written before, for what is known only later. */
  setU32(offset: number, n: number): void {
    invariant(offset + 4 <= this.#length && n >= 0 && n <= MAX_U32, `u32 ${String(n)} at ${String(offset)} must fit`);
    const buffer = this.#buffer;
    buffer[offset] = n;
    buffer[offset + 1] = n >>> 8;
    buffer[offset + 2] = n >>> 16;
    buffer[offset + 3] = n >>> 24;
  }

  /** What has been written, in place: valid until the next call that writes or resets. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** Starts anew in the same buffer. */
  reset(): void {
    this.#length = 0;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.view());
    this.#buffer = grown;
  }
}
