import type { Entry, Log } from "@balsa/core";
import { isSameEntry } from "./history.js";

/**
 * The index at which two logs differ though they agree further on, or null (§5.3): entries of the same index and term
 * are the same, and so is all before them.
 */
export function findMismatch(left: Log, right: Log): number | null {
  const from = Math.max(left.baseIndex, right.baseIndex) + 1;
  const last = Math.min(left.baseIndex + left.entries.length, right.baseIndex + right.entries.length);
  let agreed = false;
  for (let index = last; index >= from; index -= 1) {
    const a = left.entries[index - left.baseIndex - 1] as Entry;
    const b = right.entries[index - right.baseIndex - 1] as Entry;
    if (a.term === b.term) agreed = true;
    if (agreed && !isSameEntry(a, b)) return index;
  }
  return null;
}
