import { capturedOf, MalformedError, nameOf, numberOf, type Json, type JsonObject } from "./json.js";
import type { Moment, Part } from "./part.js";

const MAX_TOKENS = 1_000_000_000;
/** Buckets that are full again are let go of, so many at most with each command. */
const SWEPT_AT_ONCE = 2;

interface Bucket {
  /** What was left at `atMs`. */
  readonly tokens: number;
  readonly atMs: number;
  readonly capacity: number;
  readonly perSecond: number;
}

/** Token buckets, one for each key, which fill by the replicated clock. */
export class LimiterPart implements Part {
  /** The one that was used longest ago is the first. */
  readonly #buckets = new Map<string, Bucket>();

  get isForgettable(): boolean {
    return this.#buckets.size === 0;
  }

  apply(command: JsonObject, { nowMs }: Moment): Json {
    if (command["do"] !== "take") throw new MalformedError("a limiter can do take");
    const key = nameOf(command["key"], "key");
    const capacity = numberOf(command["capacity"], "capacity", 1, MAX_TOKENS);
    const perSecond = numberOf(command["perSecond"], "perSecond", 1e-6, MAX_TOKENS);
    const amount = numberOf(command["amount"], "amount", 0, capacity);
    const before = this.#buckets.get(key);
    const filled = before === undefined ? capacity : tokensAt(before, nowMs);
    const tokens = Math.min(filled, capacity);
    const allowed = tokens >= amount;
    const left = allowed ? tokens - amount : tokens;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: left, atMs: nowMs, capacity, perSecond });
    this.#sweep(nowMs);
    return { allowed, left, retryAfterMs: allowed ? 0 : Math.ceil(((amount - tokens) / perSecond) * 1_000) };
  }

  query(question: JsonObject, { nowMs }: Moment): Json {
    const bucket = this.#buckets.get(nameOf(question["key"], "key"));
    return { left: bucket === undefined ? null : tokensAt(bucket, nowMs) };
  }

  capture(): Iterable<Json> {
    return [...this.#buckets].map(([key, bucket]) => ({ key, ...bucket }));
  }

  restore(record: Json): void {
    const { key, ...bucket } = capturedOf<Bucket & { readonly key: string }>(record);
    this.#buckets.set(key, bucket);
  }

  /** A full bucket is as good as none. */
  #sweep(nowMs: number): void {
    let left = SWEPT_AT_ONCE;
    for (const [key, bucket] of this.#buckets) {
      if (left === 0 || tokensAt(bucket, nowMs) < bucket.capacity) return;
      this.#buckets.delete(key);
      left -= 1;
    }
  }
}

function tokensAt({ tokens, atMs, capacity, perSecond }: Bucket, nowMs: number): number {
  return Math.min(capacity, tokens + ((nowMs - atMs) * perSecond) / 1_000);
}
