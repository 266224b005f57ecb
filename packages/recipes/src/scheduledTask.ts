import { Cron } from "croner";
import { KeptLease, type Lease } from "./lease.js";
import type { RecipeCaller } from "./recipeCaller.js";
import { sleepUntil } from "./recipeClock.js";
import { RecipeError } from "./recipeError.js";

export interface ScheduledTaskOptions {
  /** When it is due, as cron has it: minute, hour, day, month and weekday, and seconds before them where there are six. */
  readonly cron: string;
  /** Default "UTC". */
  readonly timeZone?: string;
  /** How late it may still begin: for times that were missed while no process ran. Default 60,000. */
  readonly startWithinMs?: number;
  /** After how long without a sign of who runs it that one is taken for dead. Default 10,000. */
  readonly ttlMs?: number;
  /**
   * What becomes of a time whose runner failed or died: `skip` it, so that it runs at most once, or `retry` it elsewhere, so
   * that it is done at least once: again if the runner had done it and could not say so any more. Default `skip`.
   */
  readonly onFailure?: "skip" | "retry";
  /** Told of each failure of the work, and of whatever keeps it from being claimed. */
  readonly onError: (error: unknown) => void;
}

/** One of the times at which a task is due. */
export interface Occurrence {
  readonly dueAt: Date;
  /** A fence, and the signal that is aborted before another could run this task. */
  readonly lease: Lease;
}

type ClaimAnswer =
  | { readonly state: "running"; readonly fence: number }
  | { readonly state: "settled" }
  | { readonly state: "busy" }
  /** An earlier time comes first, which was begun and not done. */
  | { readonly state: "owed"; readonly occurrenceMs: number };

/** @throws RecipeError */
function readCron({ cron, timeZone = "UTC" }: ScheduledTaskOptions): Cron {
  try {
    const read = new Cron(cron, { timezone: timeZone, paused: true });
    read.nextRun(); // a time zone that there is none of shows only here
    return read;
  } catch (cause) {
    throw new RecipeError("BAD_CRON", `${cron} in ${timeZone} is no time that cron knows: ${String(cause)}`, { cause });
  }
}

/** Wall clocks may be set: it is looked at them at least this often. */
const LOOK_AFTER_MS = 30_000;

/** Runs at given times, in one of the processes that have it, and once for each time. */
export class ScheduledTask {
  readonly #caller: RecipeCaller;
  readonly #what: string;
  readonly #work: (occurrence: Occurrence) => Promise<void>;
  readonly #cron: Cron;
  readonly #startWithinMs: number;
  readonly #ttlMs: number;
  readonly #retries: boolean;
  readonly #onError: (error: unknown) => void;
  readonly #newToken: () => string;

  /** @internal */
  constructor(
    caller: RecipeCaller,
    what: string,
    options: ScheduledTaskOptions,
    work: (occurrence: Occurrence) => Promise<void>,
    newToken: () => string,
  ) {
    this.#caller = caller;
    this.#what = what;
    this.#work = work;
    this.#cron = readCron(options);
    this.#startWithinMs = options.startWithinMs ?? 60_000;
    this.#ttlMs = options.ttlMs ?? 10_000;
    this.#retries = options.onFailure === "retry";
    this.#onError = options.onError;
    this.#newToken = newToken;
  }

  /** When it is due next after that. Null where it never is again. */
  nextAfter(date: Date): Date | null {
    return this.#cron.nextRun(date);
  }

  /** Goes on until the signal is aborted, and the work at hand has ended, or it is never due again. */
  async run(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#caller;
    let handledMs = 0;
    while (signal?.aborted !== true) {
      const nowMs = clock.wallNow();
      const due = this.nextAfter(new Date(Math.max(handledMs, nowMs - this.#startWithinMs)));
      if (due === null) return;
      const leftMs = due.getTime() - nowMs;
      if (leftMs > 0) {
        await sleepUntil(clock, clock.now() + Math.min(leftMs, LOOK_AFTER_MS), signal);
      } else if (await this.#attempt(due)) {
        handledMs = due.getTime();
      } else {
        await sleepUntil(clock, clock.now() + this.#ttlMs / 3, signal);
      }
    }
  }

  /** Whether this time is over, as far as this process is concerned. */
  async #attempt(dueAt: Date): Promise<boolean> {
    const { clock } = this.#caller;
    const token = this.#newToken();
    const ttlMs = this.#ttlMs;
    const occurrenceMs = dueAt.getTime();
    const oldestMs = Math.max(0, Math.min(occurrenceMs, Math.floor(clock.wallNow() - this.#startWithinMs)));
    const body = { do: "claim", token, occurrenceMs, oldestMs, ttlMs, retry: this.#retries };
    const sinceMs = clock.now();
    let answer: ClaimAnswer;
    try {
      answer = await this.#caller.repeat<ClaimAnswer>(body, sinceMs + ttlMs);
    } catch (error) {
      this.#onError(error);
      return false;
    }
    switch (answer.state) {
      case "settled":
        return true;
      case "busy":
        return false;
      case "owed":
        await this.#attempt(new Date(answer.occurrenceMs));
        return false;
      case "running":
        return this.#run(dueAt, token, answer.fence, sinceMs);
    }
  }

  async #run(dueAt: Date, token: string, fence: number, sinceMs: number): Promise<boolean> {
    const { clock } = this.#caller;
    const ttlMs = this.#ttlMs;
    let again = false;
    const lease = new KeptLease({
      clock,
      what: this.#what,
      fence,
      ttlMs,
      sinceMs,
      renew: async (timeoutMs) => {
        const body = { do: "renew", token, ttlMs };
        const { state } = await this.#caller.command<{ readonly state: string }>(body, { timeoutMs });
        return state === "running";
      },
      release: (deadline) => this.#caller.repeat({ do: "finish", token, again }, deadline),
    });
    try {
      if (lease.isHeld) await this.#work({ dueAt, lease });
      else again = this.#retries;
    } catch (error) {
      this.#onError(error);
      again = this.#retries;
    }
    const wasLost = lease.signal.aborted;
    try {
      await lease.release();
    } catch (error) {
      this.#onError(error); // it ends by itself, and then as after a runner's death
    }
    return !again && !wasLost;
  }
}
