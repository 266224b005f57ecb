import type { Json } from "./machine/json.js";
import type { RecipeClock } from "./recipeClock.js";
import { RecipeError } from "./recipeError.js";

/**
 * By how much of its time a holder gives up before the cluster may: so a holder's clock may run slower than the leader's by
 * a tenth.
 */
const MARGIN = 0.1;
const RENEWALS = 3;
const RETRY_PART = 20;

/** Something that is held for a time, and renewed as long as it is wanted. */
export interface Lease extends AsyncDisposable {
  /**
   * Above those of all that held it before. Send it along with whatever is written elsewhere, and have that refuse what
   * comes with a lower one than it has seen: a process that stood still can't know that its time is over.
   */
  readonly fence: number;
  /** Aborted when it is released, and before anybody else can have it. */
  readonly signal: AbortSignal;
  /** Whether it is held for sure, by this process's clock: to be asked when work goes on after a wait. */
  readonly isHeld: boolean;
  /** Lets go of it. Does nothing where it is lost. Rejects with `RefusedError` where the cluster can't be told in time. */
  release(): Promise<void>;
}

export interface LeaseTerms {
  readonly clock: RecipeClock;
  readonly what: string;
  readonly fence: number;
  readonly ttlMs: number;
  /** Since when it is held, at the latest: when the request that was granted was sent. */
  readonly sinceMs: number;
  /** Whether it is still held. */
  renew(timeoutMs: number): Promise<boolean>;
  release(deadline: number): Promise<Json>;
}

export class KeptLease implements Lease {
  readonly fence: number;
  readonly #terms: LeaseTerms;
  readonly #controller = new AbortController();
  #heldUntil = 0;
  #cancelTimers: () => void = () => undefined;

  constructor(terms: LeaseTerms) {
    this.fence = terms.fence;
    this.#terms = terms;
    this.#renewed(terms.sinceMs);
  }

  /** Until when something that was asked for at `sinceMs` is surely held. */
  static heldUntil(sinceMs: number, ttlMs: number): number {
    return sinceMs + ttlMs * (1 - MARGIN);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isHeld(): boolean {
    return !this.signal.aborted && this.#terms.clock.now() < this.#heldUntil;
  }

  async release(): Promise<void> {
    if (this.signal.aborted) return;
    const { clock, ttlMs, what } = this.#terms;
    this.#end(`${what} was released`);
    await this.#terms.release(clock.now() + ttlMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #renewed(sinceMs: number): void {
    const { clock, ttlMs, what } = this.#terms;
    this.#cancelTimers();
    this.#heldUntil = KeptLease.heldUntil(sinceMs, ttlMs);
    const end = clock.setTimer(this.#heldUntil, () => this.#end(`${what} could not be renewed in time`));
    let next = clock.setTimer(sinceMs + ttlMs / RENEWALS, () => void renew());
    this.#cancelTimers = () => {
      end.cancel();
      next.cancel();
    };
    const renew = async (): Promise<void> => {
      const sentAt = clock.now();
      let isHeld: boolean;
      try {
        isHeld = await this.#terms.renew(Math.max(1, this.#heldUntil - sentAt));
      } catch {
        // It is held as long as it was; whoever waits for its end hears of that from the timer.
        if (!this.signal.aborted) next = clock.setTimer(clock.now() + ttlMs / RETRY_PART, () => void renew());
        return;
      }
      if (this.signal.aborted) return;
      if (!isHeld) this.#end(`${what} expired`);
      else this.#renewed(sentAt);
    };
  }

  #end(message: string): void {
    this.#cancelTimers();
    if (!this.signal.aborted) this.#controller.abort(new RecipeError("LEASE_LOST", `${message}.`));
  }
}
