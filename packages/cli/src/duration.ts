import { badArgument } from "./usageError.js";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

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

/** A span of time for a person, in the unit that suits it. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${trim(milliseconds, 0)} ms`;
  if (milliseconds < 120_000) return `${trim(milliseconds / 1_000, 1)} s`;
  if (milliseconds < 7_200_000) return `${trim(milliseconds / 60_000, 1)} min`;
  return `${trim(milliseconds / 3_600_000, 1)} h`;
}

function trim(value: number, places: number): string {
  return value.toFixed(places).replace(/\.0+$/, "");
}
