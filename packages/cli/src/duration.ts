import { badArgument } from "./usageError.js";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Without minutes, for `60s` and `90s` are what people write. */
const WRITTEN_UNITS = [
  ["h", 3_600_000],
  ["s", 1_000],
] as const;

/** The longest run that may be asked for: 1,000 simulated hours. */
export const MAX_DURATION_MS = 1_000 * 3_600_000;

/**
 * Reads a duration such as `500ms`, `60s`, `1.5m` or `1h` as milliseconds.
 * @throws UsageError when it is none, is not positive, or is too long.
 */
export function parseDuration(text: string, argument: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|m|h)$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  const milliseconds = unitMs === undefined ? 0 : Math.round(Number(match?.[1]) * unitMs);
  if (milliseconds < 1 || milliseconds > MAX_DURATION_MS) {
    throw badArgument(argument, text, "a duration from 1ms to 1000h with its unit: 500ms, 60s, 10m or 1h");
  }
  return milliseconds;
}

/** Virtual time for a person: seconds with three places. */
export function formatSeconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

/** A span of whole milliseconds as `parseDuration` reads it, in hours or seconds where it is a whole number of them. */
export function writeDuration(milliseconds: number): string {
  const unit = WRITTEN_UNITS.find(([, unitMs]) => milliseconds % unitMs === 0);
  return unit === undefined ? `${String(milliseconds)}ms` : `${String(milliseconds / unit[1])}${unit[0]}`;
}
