import type { Histogram } from "@balsa/node";

/** Below the bound of the bucket in which it lies, in milliseconds; null without observations, or beyond the last bound. */
export function percentileMs({ boundsSeconds, counts, count }: Histogram, part: number): number | null {
  if (count === 0) return null;
  const bucket = counts.findIndex((below) => below >= count * part);
  return bucket < 0 ? null : boundsSeconds[bucket]! * 1_000;
}
