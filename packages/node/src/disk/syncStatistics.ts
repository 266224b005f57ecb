import type { Histogram } from "../raftNode/raftNodeApi.js";

/** etcd's buckets for its log's syncs, so that the same alerts fit. */
const BOUNDS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096,
  8.192,
];

/** How long syncs took. */
export class SyncStatistics {
  readonly #counts = new Array<number>(BOUNDS_SECONDS.length).fill(0);
  #count = 0;
  #sumSeconds = 0;

  record(ms: number): void {
    const seconds = ms / 1_000;
    this.#count += 1;
    this.#sumSeconds += seconds;
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#counts[bucket]! += 1;
  }

  histogram(): Histogram {
    let below = 0;
    const counts = this.#counts.map((count) => (below += count));
    return { boundsSeconds: BOUNDS_SECONDS, counts, count: this.#count, sumSeconds: this.#sumSeconds };
  }
}
