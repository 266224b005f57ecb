import { DecodeError } from "./decodeError.js";

/*
 * TextEncoder is no part of the language, and would turn a lone surrogate into U+FFFD, so that two ids that differ became
 * one. Here every string comes back as it was: a lone surrogate takes three bytes of its own ("WTF-8").
 */

/** A call takes only so many arguments. */
const UNITS_AT_ONCE = 4_096;
/** Used anew by each call. */
const UNITS = new Uint16Array(UNITS_AT_ONCE);

const SMALLEST_OF_LENGTH = [0, 0, 0x80, 0x800, 0x10000] as const;

/** How many bytes `encodeUtf8` needs for this text. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x80) continue;
    const point = text.codePointAt(i) as number;
    if (point > 0xffff) i++;
    length += lengthOf(point) - (point > 0xffff ? 2 : 1);
  }
  return length;
}

/** Whether the text has at most so many bytes as UTF-8; for a short text without looking at each character. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Length(text) <= maxBytes);
}

/** Writes the text at `offset` and returns the offset behind it; there must be room for `utf8Length(text)` bytes. */
export function encodeUtf8(text: string, target: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      target[offset++] = unit;
      continue;
    }
    const point = text.codePointAt(i) as number;
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
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 0x80) return decodeUnits(bytes, start, end);
  return textOf(bytes, start, end);
}

function decodeUnits(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let units = 0;
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
    if (point > 0xffff) {
      UNITS[units++] = 0xd800 | ((point - 0x10000) >> 10);
      UNITS[units++] = 0xdc00 | (point & 0x3ff);
    } else {
      UNITS[units++] = point;
    }
    if (units > UNITS.length - 2) {
      text += textOf(UNITS, 0, units);
      units = 0;
    }
    previous = point;
    i += length;
  }
  return text + textOf(UNITS, 0, units);
}

/**
 * The text of these code units. Put together from single letters it would be a tree with a node for each of them, which takes
 * a hundred times the memory, for as long as the text is kept and not looked into.
 */
function textOf(units: Uint8Array | Uint16Array, start: number, end: number): string {
  if (end - start > UNITS_AT_ONCE) {
    let text = "";
    for (let at = start; at < end; at += UNITS_AT_ONCE) text += textOf(units, at, Math.min(end, at + UNITS_AT_ONCE));
    return text;
  }
  // It takes anything that is like an array.
  return String.fromCharCode.apply(null, units.subarray(start, end) as unknown as number[]);
}

function lengthOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

function isSurrogate(point: number, first: number): boolean {
  return point >= first && point < first + 0x400;
}
