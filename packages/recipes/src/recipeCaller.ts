import { RefusedError } from "@balsa/replica";
import type { JsonObject } from "./machine/json.js";
import { decodeRecipeAnswer, encodeRecipeRequest, type RecipeKind } from "./machine/recipesMachine.js";
import { sleepUntil, type RecipeClock } from "./recipeClock.js";
import type { RecipeStore, StoreOptions, StoreReadOptions } from "./recipeStore.js";

/** How long a call waits unless it says otherwise. */
export const DEFAULT_TIMEOUT_MS = 10_000;
const REPEAT_AFTER_MS = 50;

/** What leaves it open whether a command took effect, or says that it did not, for a reason that passes. */
const PASSING: ReadonlySet<string> = new Set([
  "UNKNOWN_OUTCOME",
  "NOT_LEADER",
  "NO_LEADER",
  "NOT_REACHED",
  "TIMED_OUT",
  "OVERLOADED",
  "SESSION_EXPIRED",
]);

export interface CallOptions {
  /** Ends the waiting. What was asked for may still happen then. */
  readonly signal?: AbortSignal;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/** Asks the machine for things, one named part of it at a time. */
export class RecipeCaller {
  readonly clock: RecipeClock;
  readonly #store: RecipeStore;
  readonly #kind: RecipeKind;
  readonly #name: string;

  constructor(store: RecipeStore, clock: RecipeClock, kind: RecipeKind, name: string) {
    this.clock = clock;
    this.#store = store;
    this.#kind = kind;
    this.#name = name;
  }

  /** What a part answers follows from what it is asked, so whoever asks says what that is. Rejects with `RefusedError`. */
  async command<Answer>(body: JsonObject, options: StoreOptions): Promise<Answer> {
    const bytes = encodeRecipeRequest(this.#kind, this.#name, body);
    return decodeRecipeAnswer(await this.#store.propose(bytes, options)) as Answer;
  }

  /** For a command that may be applied more than once: goes on until it is known to have been. Rejects with `RefusedError`. */
  async repeat<Answer>(body: JsonObject, deadline: number, signal?: AbortSignal): Promise<Answer> {
    for (;;) {
      const timeoutMs = Math.min(Math.max(0, deadline - this.clock.now()), DEFAULT_TIMEOUT_MS);
      try {
        return await this.command<Answer>(body, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        const isPassing = error instanceof RefusedError && PASSING.has(error.code);
        const again = this.clock.now() + REPEAT_AFTER_MS;
        if (!isPassing || again >= deadline || signal?.aborted === true) throw error;
        await sleepUntil(this.clock, again, signal);
      }
    }
  }

  /** Rejects with `RefusedError`. */
  async query<Answer>(body: JsonObject, options: StoreReadOptions): Promise<Answer> {
    const bytes = encodeRecipeRequest(this.#kind, this.#name, body);
    return decodeRecipeAnswer(await this.#store.read(bytes, options)) as Answer;
  }

  deadlineOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions): number {
    return this.clock.now() + timeoutMs;
  }
}
