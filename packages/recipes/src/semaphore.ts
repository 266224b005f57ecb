import { KeptLease, type Lease } from "./lease.js";
import type { RecipeCaller, CallOptions } from "./recipeCaller.js";
import { sleepUntil } from "./recipeClock.js";
import { RecipeError, type RecipeErrorCode } from "./recipeError.js";

export interface LeaseOptions {
  /** After how long without a sign of its holder it is taken from it. Default 10,000. */
  readonly ttlMs?: number;
  /** Who holds it, for people who look. Default: the token of the attempt. */
  readonly owner?: string;
}

export interface SemaphoreStatus {
  readonly holders: readonly { readonly owner: string; readonly fence: number; readonly expiresInMs: number }[];
  /** The first is the next. */
  readonly waiting: readonly string[];
}

type ClaimState =
  | { readonly state: "held"; readonly fence: number }
  | { readonly state: "waiting"; readonly ahead: number; readonly freeInMs: number }
  | { readonly state: "gone" }
  | { readonly state: "refused"; readonly code: RecipeErrorCode; readonly permits: number };

const DEFAULT_TTL_MS = 10_000;
/** How often the next in line looks whether it is its turn; those behind it look more seldom. */
const LOOK_AFTER_MS = 50;
const MAX_LOOK_AFTER_MS = 1_000;

/** At most so many hold a permit at a time, and they get them in the order in which they asked. */
export class DistributedSemaphore {
  readonly #caller: RecipeCaller;
  readonly #what: string;
  readonly #permits: number;
  readonly #ttlMs: number;
  readonly #owner: string | null;
  readonly #newToken: () => string;

  /** @internal */
  constructor(caller: RecipeCaller, what: string, permits: number, options: LeaseOptions, newToken: () => string) {
    this.#caller = caller;
    this.#what = what;
    this.#permits = permits;
    this.#ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
    this.#owner = options.owner ?? null;
    this.#newToken = newToken;
  }

  /**
   * Waits for its turn.
   * @throws RecipeError `TIMED_OUT`, `PERMITS_DIFFER` or `TOO_MANY_WAIT`; RefusedError; the signal's reason
   */
  async acquire(options: CallOptions = {}): Promise<Lease> {
    const token = this.#newToken();
    const deadline = this.#caller.deadlineOf(options);
    try {
      return await this.#acquire(token, deadline, options.signal);
    } catch (error) {
      this.#giveUp(token);
      options.signal?.throwIfAborted();
      throw error;
    }
  }

  /** Takes a permit if one is free and nobody waits for it; null otherwise. @throws RecipeError, RefusedError */
  async tryAcquire(options: CallOptions = {}): Promise<Lease | null> {
    const token = this.#newToken();
    const sentAt = this.#caller.clock.now();
    let state: ClaimState;
    try {
      state = await this.#ask(token, false, this.#caller.deadlineOf(options), options.signal);
    } catch (error) {
      this.#giveUp(token);
      throw error;
    }
    if (state.state !== "held") return null;
    const lease = this.#leaseOf(token, state.fence, sentAt);
    if (lease === null) this.#giveUp(token);
    return lease;
  }

  /** Holds a permit while `work` goes on, which must end when the lease's signal is aborted. */
  async use<T>(work: (lease: Lease) => Promise<T>, options: CallOptions = {}): Promise<T> {
    await using lease = await this.acquire(options);
    return await work(lease);
  }

  async status(options: CallOptions = {}): Promise<SemaphoreStatus> {
    const { holders, waiting } = await this.#caller.query<SemaphoreStatus>({}, options);
    return { holders, waiting };
  }

  async #acquire(token: string, deadline: number, signal: AbortSignal | undefined): Promise<Lease> {
    const { clock } = this.#caller;
    for (;;) {
      const sentAt = clock.now();
      const state = await this.#ask(token, true, deadline, signal);
      if (state.state === "held") {
        const lease = this.#leaseOf(token, state.fence, sentAt);
        if (lease !== null) return lease;
      } else if (state.state === "waiting") {
        await this.#waitForTurn(token, state, sentAt, deadline, signal);
      }
      signal?.throwIfAborted();
      if (clock.now() >= deadline) throw new RecipeError("TIMED_OUT", `${this.#what} was not free in the time given.`);
    }
  }

  /** Until the claim must be renewed, or has been granted, or whoever is ahead may have expired. */
  async #waitForTurn(
    token: string,
    { ahead, freeInMs }: Extract<ClaimState, { state: "waiting" }>,
    sentAt: number,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock } = this.#caller;
    const lookAfterMs = Math.min(LOOK_AFTER_MS * (ahead + 1), MAX_LOOK_AFTER_MS, this.#ttlMs / 6);
    // Nothing expires but by a command: the next in line sends one when it is time.
    const freeAt = ahead === 0 ? clock.now() + freeInMs + 1 : Infinity;
    const until = Math.min(sentAt + this.#ttlMs / 3, freeAt, deadline);
    while (clock.now() < until && signal?.aborted !== true) {
      await sleepUntil(clock, Math.min(clock.now() + lookAfterMs, until), signal);
      const timeoutMs = until - clock.now();
      if (timeoutMs <= 0) return;
      const seen = await this.#caller.query<ClaimState>({ token }, { timeoutMs }).catch(() => null); // the command will tell
      if (seen?.state === "held") return;
    }
  }

  async #ask(token: string, wait: boolean, deadline: number, signal: AbortSignal | undefined): Promise<ClaimState> {
    const body = {
      do: "acquire",
      token,
      owner: this.#owner ?? token,
      ttlMs: this.#ttlMs,
      permits: this.#permits,
      wait,
    };
    const state = await this.#caller.repeat<ClaimState>(body, deadline, signal);
    if (state.state !== "refused") return state;
    if (state.code === "PERMITS_DIFFER") {
      const message = `${this.#what} is used with ${String(state.permits)} permits, not ${String(this.#permits)}.`;
      throw new RecipeError(state.code, `${message} All must use it with the same number.`);
    }
    throw new RecipeError(state.code, `As many wait for ${this.#what} as may. Try again later.`);
  }

  #leaseOf(token: string, fence: number, sinceMs: number): Lease | null {
    const { clock } = this.#caller;
    const ttlMs = this.#ttlMs;
    // The answer took so long that it may have expired again: then it is asked for anew.
    if (clock.now() >= KeptLease.heldUntil(sinceMs, ttlMs)) return null;
    return new KeptLease({
      clock,
      what: this.#what,
      fence,
      ttlMs,
      sinceMs,
      renew: async (timeoutMs) => {
        const { state } = await this.#caller.command<ClaimState>({ do: "renew", token, ttlMs }, { timeoutMs });
        return state === "held";
      },
      release: (deadline) => this.#caller.repeat({ do: "release", token }, deadline),
    });
  }

  /** Nobody waits for the claim any more. It would expire by itself, but why should others wait for that. */
  #giveUp(token: string): void {
    const deadline = this.#caller.clock.now() + this.#ttlMs;
    this.#caller.repeat({ do: "release", token }, deadline).catch(() => undefined);
  }
}
