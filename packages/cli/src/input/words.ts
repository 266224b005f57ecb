import { quote } from "../usageError.js";

/** A word could not be read; the message says which and why. */
export class WordError extends Error {
  readonly code = "BAD_WORD";
  override readonly name = "WordError";
}

// A JSON string ends at the first quotation mark that isn't escaped; what lies between is left to JSON.parse.
const QUOTED = /"(?:[^"\\]|\\.)*"/y;
const BARE = /[^ \t]+/y;
const SPACE = /[ \t]*/y;

/**
 * Cuts a line into words. A word that begins with `"` is a JSON string, and so may hold spaces, be empty or hold any
 * character by its escape; every other word ends at the next space or tab.
 * @throws WordError
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let position = skip(SPACE, text, 0);
  while (position < text.length) {
    const quoted = text[position] === '"';
    const end = skip(quoted ? QUOTED : BARE, text, position);
    if (end === position) throw new WordError(`the quotation mark at column ${String(position + 1)} is not closed`);
    const raw = text.slice(position, end);
    words.push(quoted ? unquote(raw) : raw);
    position = skip(SPACE, text, end);
    if (position === end && end < text.length) {
      throw new WordError(`a space is missing after ${quote(raw)} at column ${String(end + 1)}`);
    }
  }
  return words;
}

function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

function unquote(raw: string): string {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (cause) {
    throw new WordError(`${quote(raw)} is not a JSON string`, { cause });
  }
  if (typeof value !== "string") throw new WordError(`${quote(raw)} is not a JSON string`);
  // With the u flag only a surrogate without its other half matches.
  if (/[\uD800-\uDFFF]/u.test(value)) throw new WordError(`${quote(raw)} holds half of a surrogate pair`);
  return value;
}
