import { PROFILES, type ProfileName } from "@balsa/sim";
import { parseDuration } from "../duration.js";
import { MAX_SEED } from "../commands/simArguments.js";
import { suggest } from "../suggest.js";
import { badArgument } from "../usageError.js";

/** From the first to the last seed, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** One of so many machines that share a campaign; counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The flags of `balsa fuzz`, as commander hands them over after the functions below have read them. */
export interface FuzzFlags {
  readonly seeds?: SeedRange;
  readonly for?: number;
  readonly workers?: number;
  readonly profile?: ProfileName;
  readonly shard?: Shard;
  readonly keep?: string;
  readonly json?: boolean;
}

const MAX_WORKERS = 256;
const MAX_SHARDS = 10_000;

/** `A..B`, or `A..` for all from A on. */
export function readSeedRange(text: string): SeedRange {
  const [, from = "", to = ""] = /^(\d+)\.\.(\d*)$/.exec(text) ?? [];
  const first = Number(from);
  const last = to === "" ? MAX_SEED : Number(to);
  if (from === "" || first > last || last > MAX_SEED) {
    throw badArgument("--seeds", text, `A..B or A.., whole numbers from 0 to ${String(MAX_SEED)}, as in 1..1000`);
  }
  return { first, last };
}

export function readTimeLimit(text: string): number {
  return parseDuration(text, "--for");
}

export function readWorkers(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : 0;
  if (workers < 1 || workers > MAX_WORKERS) {
    throw badArgument("--workers", text, `a whole number from 1 to ${String(MAX_WORKERS)}`);
  }
  return workers;
}

export function readProfile(text: string): ProfileName {
  const found = PROFILES.find((name) => name === text);
  if (found !== undefined) return found;
  const near = suggest(text, PROFILES);
  const hint = near === null ? "" : ` (did you mean ${near}?)`;
  throw badArgument("--profile", text, `one of ${PROFILES.join(", ")}${hint}`);
}

export function readShard(text: string): Shard {
  const [, of = "", all = ""] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, count] = [Number(of), Number(all)];
  if (of === "" || index < 1 || index > count || count > MAX_SHARDS) {
    throw badArgument("--shard", text, "I/N, the I-th of N shards, as in 1/4");
  }
  return { index, count };
}
