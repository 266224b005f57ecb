import { DecodeError } from "./decodeError.js";

/*
 * TextEncoder is no part of the language, and would turn a lone surrogate into U+FFFD, so that two ids that differ became
 * one. Here every string comes back as it was: a lone surrogate takes three bytes of its own ("WTF-8").
 */

const SMALLEST_OF_LENGTH = [0, 0, 0x80, 0x800, 0x10000] as const;

/** How many bytes `encodeUtf8` needs for this text. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    length += lengthOf(point);
    if (point > 0xffff) i++;
  }
  return length;
}

/** Writes the text at `offset` and returns the offset behind it; there must be room for `utf8Length(text)` bytes. */
export function encodeUtf8(text: string, target: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point < 0x80) {
      target[offset++] = point;
      continue;
    }
    const length = lengthOf(point);
    target[offset++] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
    for (let shift = 6 * (length - 2); shift >= 0; shift -= 6) target[offset++] = 0x80 | ((point >> shift) & 0x3f);
    if (point > 0xffff) i++;
  }
  return offset;
}

/**
 * The text in `bytes` from `start` to `end`.
 * @throws DecodeError where they are not the one encoding that the text has.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let previous = 0;
  for (let i = start; i < end;) {
    const first = bytes[i] as number;
    const length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (length === 0 || i + length > end) throw new DecodeError("not UTF-8", i);
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let k = 1; k < length; k++) {
      const next = bytes[i + k] as number;
      if ((next & 0xc0) !== 0x80) throw new DecodeError("not UTF-8", i);
      point = (point << 6) | (next & 0x3f);
    }
    const splitPair = isSurrogate(previous, 0xd800) && isSurrogate(point, 0xdc00);
    if (point < (SMALLEST_OF_LENGTH[length] as number) || point > 0x10ffff || splitPair) {
      throw new DecodeError("not UTF-8 in its shortest form", i);
    }
    text += String.fromCodePoint(point);
    previous = point;
    i += length;
  }
  return text;
}

function lengthOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

function isSurrogate(point: number, first: number): boolean {
  return point >= first && point < first + 0x400;
}
