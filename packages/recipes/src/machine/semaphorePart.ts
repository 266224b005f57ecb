import { capturedOf, durationOf, integerOf, MalformedError, nameOf, type Json, type JsonObject } from "./json.js";
import type { Moment, Part } from "./part.js";

const MAX_PERMITS = 10_000;
const MAX_WAITING = 10_000;

interface Claim {
  /** Who has it or waits for it, for people to read. */
  readonly owner: string;
  readonly ttlMs: number;
  readonly expiresAtMs: number;
  /** Rises with every grant; 0 while it waits. */
  readonly fence: number;
}

/**
 * Permits for at most so many holders at a time, given in the order in which they were asked for. Holders and waiters alike
 * must renew what they have: whoever does not is taken for dead.
 */
export class SemaphorePart implements Part {
  #permits = 1;
  /** By the token of the claim. */
  readonly #holders = new Map<string, Claim>();
  /** In the order of their coming. */
  readonly #waiters = new Map<string, Claim>();

  get isForgettable(): boolean {
    return this.#holders.size === 0 && this.#waiters.size === 0;
  }

  apply(command: JsonObject, moment: Moment): Json {
    const token = nameOf(command["token"], "token");
    switch (command["do"]) {
      case "acquire":
        return this.#acquire(token, command, moment);
      case "renew": {
        const ttlMs = durationOf(command["ttlMs"], "ttlMs");
        this.#expire(moment);
        this.#renew(token, ttlMs, moment);
        return this.#stateOf(token, moment);
      }
      case "release": {
        this.#expire(moment);
        const had = this.#holders.delete(token);
        const waited = this.#waiters.delete(token);
        this.#grant(moment);
        return { released: had || waited };
      }
      default:
        throw new MalformedError("a semaphore can do acquire, renew and release");
    }
  }

  query(question: JsonObject, moment: Moment): Json {
    if (question["token"] !== undefined) return this.#stateOf(nameOf(question["token"], "token"), moment);
    const holders = [...this.#holders.values()].map(({ owner, fence, expiresAtMs }) => ({
      owner,
      fence,
      expiresInMs: Math.max(0, expiresAtMs - moment.nowMs),
    }));
    return { permits: this.#permits, holders, waiting: [...this.#waiters.values()].map(({ owner }) => owner) };
  }

  capture(): Iterable<Json> {
    return [...this.#holders, ...this.#waiters].map(([token, claim]) => ({ token, permits: this.#permits, ...claim }));
  }

  restore(record: Json): void {
    const { token, permits, ...claim } = capturedOf<Claim & { readonly token: string; readonly permits: number }>(
      record,
    );
    this.#permits = permits;
    (claim.fence > 0 ? this.#holders : this.#waiters).set(token, claim);
  }

  #acquire(token: string, command: JsonObject, moment: Moment): Json {
    const owner = nameOf(command["owner"], "owner");
    const ttlMs = durationOf(command["ttlMs"], "ttlMs");
    const permits = integerOf(command["permits"], "permits", 1, MAX_PERMITS);
    this.#expire(moment);
    if (this.isForgettable) this.#permits = permits;
    if (permits !== this.#permits) return { state: "refused", code: "PERMITS_DIFFER", permits: this.#permits };
    if (this.#renew(token, ttlMs, moment)) return this.#stateOf(token, moment);
    const isFree = this.#waiters.size === 0 && this.#holders.size < this.#permits;
    if (!isFree && command["wait"] !== true) return { state: "gone" };
    if (this.#waiters.size >= MAX_WAITING) return { state: "refused", code: "TOO_MANY_WAIT", permits: this.#permits };
    this.#waiters.set(token, { owner, ttlMs, expiresAtMs: moment.nowMs + ttlMs, fence: 0 });
    this.#grant(moment);
    return this.#stateOf(token, moment);
  }

  /** Whether the token is known. */
  #renew(token: string, ttlMs: number, { nowMs }: Moment): boolean {
    for (const claims of [this.#holders, this.#waiters]) {
      const claim = claims.get(token);
      if (claim === undefined) continue;
      claims.set(token, { ...claim, ttlMs, expiresAtMs: nowMs + ttlMs });
      return true;
    }
    return false;
  }

  #expire(moment: Moment): void {
    for (const claims of [this.#holders, this.#waiters]) {
      for (const [token, { expiresAtMs }] of claims) {
        if (expiresAtMs <= moment.nowMs) claims.delete(token);
      }
    }
    this.#grant(moment);
  }

  /** Whoever is granted what it waited for has its whole time from now on to hear of it. */
  #grant({ nowMs, newFence }: Moment): void {
    for (const [token, claim] of this.#waiters) {
      if (this.#holders.size >= this.#permits) return;
      this.#waiters.delete(token);
      this.#holders.set(token, { ...claim, fence: newFence(), expiresAtMs: nowMs + claim.ttlMs });
    }
  }

  #stateOf(token: string, { nowMs }: Moment): Json {
    const held = this.#holders.get(token);
    if (held !== undefined) return { state: "held", fence: held.fence };
    if (!this.#waiters.has(token)) return { state: "gone" };
    const ahead = [...this.#waiters.keys()].indexOf(token);
    const firstExpiryMs = Math.min(...[...this.#holders.values()].map(({ expiresAtMs }) => expiresAtMs));
    return { state: "waiting", ahead, freeInMs: Math.max(0, firstExpiryMs - nowMs) };
  }
}
