import { roundMs, type LatencySummary } from "./report.js";

/** Each power of two is cut into this many buckets, so a percentile is at most 1/32 off. */
const BUCKETS_PER_OCTAVE = 32;
const OCTAVES = 40;
/** The finest distinction. */
const UNIT_MS = 1 / 1_024;

/** Latencies in buckets of rising width: bounded memory for runs of any length. */
export class LatencyHistogram {
  readonly #buckets = new Float64Array(BUCKETS_PER_OCTAVE * OCTAVES);
  #count = 0;
  #sumMs = 0;
  #minimumMs = Infinity;
  #maximumMs = 0;

  add(latencyMs: number): void {
    const bucket = bucketOf(latencyMs);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count += 1;
    this.#sumMs += latencyMs;
    if (latencyMs < this.#minimumMs) this.#minimumMs = latencyMs;
    if (latencyMs > this.#maximumMs) this.#maximumMs = latencyMs;
  }

  summary(): LatencySummary {
    const count = this.#count;
    if (count === 0) return { count, minimumMs: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maximumMs: 0 };
    return {
      count,
      minimumMs: roundMs(this.#minimumMs),
      meanMs: roundMs(this.#sumMs / count),
      p50Ms: roundMs(this.#percentile(0.5)),
      p90Ms: roundMs(this.#percentile(0.9)),
      p99Ms: roundMs(this.#percentile(0.99)),
      maximumMs: roundMs(this.#maximumMs),
    };
  }

  #percentile(part: number): number {
    const wanted = Math.ceil(part * this.#count);
    let seen = 0;
    for (let bucket = 0; bucket < this.#buckets.length; bucket += 1) {
      seen += this.#buckets[bucket] as number;
      if (seen >= wanted) return Math.min(Math.max(upperEndOf(bucket), this.#minimumMs), this.#maximumMs);
    }
    return this.#maximumMs;
  }
}

/** The first buckets are one unit wide each; from there on the width doubles with every octave. */
function bucketOf(latencyMs: number): number {
  const units = Math.floor(latencyMs / UNIT_MS);
  if (units < BUCKETS_PER_OCTAVE) return units;
  let octave = 0;
  let scaled = units;
  while (scaled >= 2 * BUCKETS_PER_OCTAVE) {
    scaled = Math.floor(scaled / 2);
    octave += 1;
  }
  return Math.min((octave + 1) * BUCKETS_PER_OCTAVE + (scaled - BUCKETS_PER_OCTAVE), BUCKETS_PER_OCTAVE * OCTAVES - 1);
}

function upperEndOf(bucket: number): number {
  if (bucket < BUCKETS_PER_OCTAVE) return (bucket + 1) * UNIT_MS;
  const octave = Math.floor(bucket / BUCKETS_PER_OCTAVE) - 1;
  const place = bucket % BUCKETS_PER_OCTAVE;
  return (BUCKETS_PER_OCTAVE + place + 1) * powerOfTwo(octave) * UNIT_MS;
}

/** By multiplication, which is exact everywhere; `**` need not be. */
function powerOfTwo(exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i += 1) power *= 2;
  return power;
}
