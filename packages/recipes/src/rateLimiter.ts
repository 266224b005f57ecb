import type { CallOptions, RecipeCaller } from "./recipeCaller.js";

export interface RateLimit {
  /** How much may be taken at once, after a time of rest. */
  readonly capacity: number;
  /** How much comes back in a second. */
  readonly perSecond: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** What is left, as of then. */
  readonly left: number;
  /** After how long as much could be had, if nobody else takes of it; 0 where it was allowed. */
  readonly retryAfterMs: number;
}

/**
 * Token buckets, one for each key, whoever asks: all processes together are held to the limit. Time is that of the
 * replicated clock, so no process's clock can stretch it, and while nobody leads nothing comes back.
 */
export class RateLimiter {
  readonly #caller: RecipeCaller;
  readonly #limit: RateLimit;

  /** @internal */
  constructor(caller: RecipeCaller, limit: RateLimit) {
    this.#caller = caller;
    this.#limit = limit;
  }

  /**
   * Takes so much of what the key has, or nothing. Default of `amount`: 1.
   * @throws RefusedError, of the code `UNKNOWN_OUTCOME` alone where it may have been taken
   */
  take(key: string, amount = 1, options: CallOptions = {}): Promise<Taken> {
    const { capacity, perSecond } = this.#limit;
    return this.#caller.command<Taken>({ do: "take", key, amount, capacity, perSecond }, options);
  }
}
