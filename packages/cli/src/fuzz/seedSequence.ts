import type { SeedRange, Shard } from "./fuzzArguments.js";

/** The seeds of a campaign, or of one shard of it: every N-th, so that the shards of any range are equally large. */
export function* seedSequence({ first, last }: SeedRange, { index, count }: Shard): Generator<number, void> {
  for (let seed = first + index - 1; seed <= last; seed += count) yield seed;
}

export function countSeeds({ first, last }: SeedRange, { index, count }: Shard): number {
  return Math.max(0, Math.floor((last - first - (index - 1)) / count) + 1);
}
