// Multipliers and rotations of MurmurHash3 x86_128 (Austin Appleby, public domain).
const MULTIPLIER_A = 0x239b961b | 0;
const MULTIPLIER_B = 0xab0e9789 | 0;
const INCREMENT = 0x561ccd1b | 0;

/** Each kind of value opens with its own word, so that a number, a text and bytes never look alike. */
const INTEGER_TAG = 0x49;
const FLOAT_TAG = 0x46;
const TEXT_TAG = 0x54;
const BYTES_TAG = 0x42;
const NAN_WORD = 0x7ff80000;

const scratch = new DataView(new ArrayBuffer(8));

function finish(lane: number): number {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * A 128-bit digest of a sequence of values, for comparing runs: equal on every machine and engine, and fast enough to take
 * in all that a run does. It tells accidents apart; it's no defence against somebody who seeks a collision.
 */
export class Digest {
  #a = 0x6a09e667 | 0;
  #b = 0xbb67ae85 | 0;
  #c = 0x3c6ef372 | 0;
  #d = 0xa54ff53a | 0;
  #words = 0;

  /** Takes in a number by its value: 0 and -0 are equal, as are all NaNs. */
  add(value: number): void {
    const integer = value | 0;
    if (integer === value) {
      this.#mix(INTEGER_TAG);
      this.#mix(integer);
      return;
    }
    this.#mix(FLOAT_TAG);
    if (Number.isNaN(value)) {
      // Which of the many NaNs an engine stores is up to it.
      this.#mix(NAN_WORD);
      return;
    }
    scratch.setFloat64(0, value);
    this.#mix(scratch.getInt32(0));
    this.#mix(scratch.getInt32(4));
  }

  /** Takes in a text by its UTF-16 units. */
  addText(text: string): void {
    const length = text.length;
    this.#mix(TEXT_TAG);
    this.#mix(length);
    const pairedLength = length - (length & 1);
    for (let at = 0; at < pairedLength; at += 2) this.#mix((text.charCodeAt(at) << 16) | text.charCodeAt(at + 1));
    if (pairedLength < length) this.#mix(text.charCodeAt(pairedLength));
  }

  addBytes(bytes: Uint8Array): void {
    const length = bytes.length;
    this.#mix(BYTES_TAG);
    this.#mix(length);
    for (let at = 0; at < length; at += 4) {
      // The last word is filled up with zeros; the length, taken in above, tells the difference.
      const word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
      this.#mix(word | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24));
    }
  }

  /** The four 32-bit words of the digest so far, as signed integers. */
  lanes(): [number, number, number, number] {
    let a = this.#a ^ this.#words;
    let b = this.#b ^ this.#words;
    let c = this.#c ^ this.#words;
    let d = this.#d ^ this.#words;
    a = (a + b + c + d) | 0;
    b = finish((b + a) | 0);
    c = finish((c + b) | 0);
    d = finish((d + c) | 0);
    a = finish((a + b + c + d) | 0);
    return [a, (b + a) | 0, (c + a) | 0, (d + a) | 0];
  }

  /** The digest so far as 32 hexadecimal characters. More may be taken in afterwards. */
  hex(): string {
    return this.lanes()
      .map((lane) => (lane >>> 0).toString(16).padStart(8, "0"))
      .join("");
  }

  /** Every word goes into one lane, which takes in its neighbour; the lanes change places, so each feeds all others. */
  #mix(word: number): void {
    let mixed = Math.imul(word, MULTIPLIER_A);
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), MULTIPLIER_B);
    let lane = this.#a ^ mixed;
    lane = (((lane << 19) | (lane >>> 13)) + this.#b) | 0;
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = (Math.imul(lane, 5) + INCREMENT) | 0;
    this.#words = (this.#words + 1) | 0;
  }
}

function byteAt(bytes: Uint8Array, index: number): number {
  return index < bytes.length ? (bytes[index] as number) : 0;
}
