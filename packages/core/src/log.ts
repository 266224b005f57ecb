import { invariant } from "./errors.js";
import { entryBytes, type Entry } from "./entry.js";

/**
 * The log since the last compaction: entries `baseIndex + 1` to `lastIndex`, all in memory. Of the entry at `baseIndex`
 * only the term is still known, so that the consistency check of §5.3 can be made right behind it.
 */
export interface Log {
  baseIndex: number;
  baseTerm: number;
  /** Invariant: `entries[k].index === baseIndex + 1 + k`, and terms never fall. */
  entries: Entry[];
}

export function lastIndex(log: Log): number {
  return log.baseIndex + log.entries.length;
}

export function lastTerm(log: Log): number {
  const last = log.entries[log.entries.length - 1];
  return last === undefined ? log.baseTerm : last.term;
}

/** The term of the entry at `index`, or null where the log does not reach: compacted, or not there yet. */
export function termAt(log: Log, index: number): number | null {
  if (index === log.baseIndex) return log.baseTerm;
  const entry = log.entries[index - log.baseIndex - 1];
  return entry === undefined ? null : entry.term;
}

export function entryAt(log: Log, index: number): Entry | null {
  return log.entries[index - log.baseIndex - 1] ?? null;
}

/** Whether this log is at least as up to date as one that ends in (`term`, `index`) (§5.4.1). */
export function isUpToDate(log: Log, index: number, term: number): boolean {
  const ownTerm = lastTerm(log);
  return ownTerm > term || (ownTerm === term && lastIndex(log) >= index);
}

export function appendEntry(log: Log, entry: Entry): void {
  invariant(entry.index === lastIndex(log) + 1, () => `entry ${entry.index} follows ${lastIndex(log)}`);
  invariant(
    entry.term >= lastTerm(log),
    () => `term ${entry.term} of entry ${entry.index} is not below ${lastTerm(log)}`,
  );
  log.entries.push(entry);
}

/** Cuts off the entries from `index` on. */
export function truncateFrom(log: Log, index: number): void {
  invariant(index > log.baseIndex, `cut at ${index} lies behind the compacted part, which ends at ${log.baseIndex}`);
  log.entries.length = Math.min(log.entries.length, index - log.baseIndex - 1);
}

/** Forgets the entries up to and including `index`. */
export function compactThrough(log: Log, index: number): void {
  const term = termAt(log, index);
  invariant(term !== null, `compaction through ${index} stays inside the log`);
  log.entries = log.entries.slice(index - log.baseIndex);
  log.baseIndex = index;
  log.baseTerm = term;
}

/** Replaces the whole log by nothing, following a snapshot. */
export function resetTo(log: Log, index: number, term: number): void {
  log.entries = [];
  log.baseIndex = index;
  log.baseTerm = term;
}

/** Entries from `from` to `through`, as many as the limits allow, but at least one where there is one. */
export function sliceEntries(log: Log, from: number, through: number, maxEntries: number, maxBytes: number): Entry[] {
  invariant(from > log.baseIndex, () => `entry ${from} is still in the log`);
  const start = from - log.baseIndex - 1;
  const end = Math.min(through - log.baseIndex, log.entries.length, start + maxEntries);
  let bytes = 0;
  let stop = start;
  while (stop < end) {
    bytes += entryBytes(log.entries[stop] as Entry);
    if (bytes > maxBytes && stop > start) break;
    stop += 1;
  }
  return log.entries.slice(start, stop);
}

/**
 * The last index up to `index` whose term is at most `term`: where two logs may still agree, given that one of them has
 * (`term`, `index`). Both sides use it, so that each exchange skips whole terms (§5.3). Null where it lies before the base.
 */
export function lastPossibleMatch(log: Log, index: number, term: number): number | null {
  if (log.baseTerm > term) return null;
  // Terms never fall along the log, so the last one that is low enough can be found by halving.
  let low = log.baseIndex;
  let high = Math.min(index, lastIndex(log));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((termAt(log, middle) as number) <= term) low = middle;
    else high = middle - 1;
  }
  return index < log.baseIndex ? null : low;
}
