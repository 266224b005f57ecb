/** What a command, a question or a result is made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** The longest name of a part, and of whatever is told apart in one: tokens, keys, ids. */
export const MAX_NAME_LENGTH = 256;
/** Deeper than this nothing may be nested: what is kept must be written out again, and writers go down as deep. */
const MAX_DEPTH = 64;
/** A day: what is leased for longer is not leased. */
export const MAX_DURATION_MS = 24 * 60 * 60 * 1_000;

/** What was asked for makes no sense: every member says so alike, and nothing was done. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  readonly code = "MALFORMED";
}

/** @throws MalformedError where it is nested too deeply */
export function checkDepth(value: Json, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === MAX_DEPTH) throw new MalformedError(`it is nested more than ${String(MAX_DEPTH)} deep`);
  for (const item of Object.values(value)) checkDepth(item, depth + 1);
}

export function objectOf(value: Json | undefined, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new MalformedError(`${what} must be an object`);
}

/** What `capture` of the same kind of part has written; snapshots have checksums, so its fields are not looked at again. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- who restores knows what it has captured
export function capturedOf<T>(record: Json): T {
  return objectOf(record, "a record") as T;
}

export function nameOf(value: Json | undefined, what: string): string {
  if (typeof value === "string" && value.length > 0 && value.length <= MAX_NAME_LENGTH) return value;
  throw new MalformedError(`${what} must be a string of 1 to ${String(MAX_NAME_LENGTH)} characters`);
}

export function integerOf(value: Json | undefined, what: string, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new MalformedError(`${what} must be a whole number from ${String(least)} to ${String(most)}`);
}

export function numberOf(value: Json | undefined, what: string, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new MalformedError(`${what} must be a number from ${String(least)} to ${String(most)}`);
}

export function durationOf(value: Json | undefined, what: string, least = 1): number {
  return integerOf(value, what, least, MAX_DURATION_MS);
}
