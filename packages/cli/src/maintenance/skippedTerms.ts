import { badArgument } from "../usageError.js";

/**
 * A cluster that begins anew from an older state does not know how many terms have gone by since. It begins so far ahead
 * that none of them comes again, for whoever holds a term as a fencing token relies on that.
 */
export const DEFAULT_SKIPPED_TERMS = 1_000_000;
const MOST = 1_000_000_000_000;

export function readSkippedTerms(text: string): number {
  const n = Number(text);
  if (/^\d+$/u.test(text) && n >= 1 && n <= MOST) return n;
  throw badArgument("--skip-terms", text, `a whole number from 1 to ${String(MOST)}`);
}
