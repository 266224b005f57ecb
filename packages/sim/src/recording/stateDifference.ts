export interface StateDifference {
  /** As `leadership.progress.0.matchIndex`. */
  readonly where: string;
  readonly recorded: string;
  readonly replayed: string;
}

/** The first place where two pieces of plain data are not the same, or null. */
export function firstDifference(recorded: unknown, replayed: unknown, where = ""): StateDifference | null {
  if (recorded === replayed || (Number.isNaN(recorded) && Number.isNaN(replayed))) return null;
  if (typeof recorded !== "object" || typeof replayed !== "object" || recorded === null || replayed === null) {
    return { where, recorded: tell(recorded), replayed: tell(replayed) };
  }
  const names = new Set([...Object.keys(recorded), ...Object.keys(replayed)]);
  for (const name of names) {
    const found = firstDifference(
      (recorded as Record<string, unknown>)[name],
      (replayed as Record<string, unknown>)[name],
      where === "" ? name : `${where}.${name}`,
    );
    if (found !== null) return found;
  }
  return null;
}

function tell(value: unknown): string {
  return typeof value === "object" && value !== null ? "something" : String(value);
}
