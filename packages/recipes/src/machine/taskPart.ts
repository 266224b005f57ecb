import { capturedOf, durationOf, integerOf, MalformedError, nameOf, type Json, type JsonObject } from "./json.js";
import type { Moment, Part } from "./part.js";

interface Run {
  readonly occurrenceMs: number;
  readonly token: string;
  readonly fence: number;
  readonly expiresAtMs: number;
}

interface Captured {
  readonly settledMs: number;
  readonly owedMs: number | null;
  readonly run: Run | null;
}

/** A task that is due at times which its runners know: each time is given to one of them. */
export class TaskPart implements Part {
  /** Everything up to here is over, one way or the other. */
  #settledMs = 0;
  #run: Run | null = null;
  /** A time that was begun, is not known to have been done, and is to be tried again before any later one. */
  #owedMs: number | null = null;

  /** What has run must not run again. */
  get isForgettable(): boolean {
    return false;
  }

  apply(command: JsonObject, moment: Moment): Json {
    const token = nameOf(command["token"], "token");
    switch (command["do"]) {
      case "claim":
        return this.#claim(token, command, moment);
      case "renew": {
        const ttlMs = durationOf(command["ttlMs"], "ttlMs");
        if (this.#run?.token !== token) return { state: "gone" };
        this.#run = { ...this.#run, expiresAtMs: moment.nowMs + ttlMs };
        return { state: "running", fence: this.#run.fence };
      }
      case "finish": {
        if (this.#run?.token !== token) return { finished: false };
        this.#end(this.#run.occurrenceMs, command["again"] === true);
        return { finished: true };
      }
      default:
        throw new MalformedError("a task can do claim, renew and finish");
    }
  }

  query(): Json {
    return { settledMs: this.#settledMs, owedMs: this.#owedMs, running: this.#run?.occurrenceMs ?? null };
  }

  capture(): Iterable<Json> {
    return [{ settledMs: this.#settledMs, owedMs: this.#owedMs, run: this.#run === null ? null : { ...this.#run } }];
  }

  restore(record: Json): void {
    const { settledMs, owedMs, run } = capturedOf<Captured>(record);
    this.#settledMs = settledMs;
    this.#owedMs = owedMs;
    this.#run = run;
  }

  #claim(token: string, command: JsonObject, { nowMs, newFence }: Moment): Json {
    const occurrenceMs = integerOf(command["occurrenceMs"], "occurrenceMs", 1, Number.MAX_SAFE_INTEGER);
    const oldestMs = integerOf(command["oldestMs"], "oldestMs", 0, occurrenceMs);
    const ttlMs = durationOf(command["ttlMs"], "ttlMs");
    const run = this.#run;
    if (run !== null && run.expiresAtMs <= nowMs && run.token !== token) {
      // Whoever ran it is taken for dead. Whether it had done it nobody knows: so it is as was asked for.
      this.#end(run.occurrenceMs, command["retry"] === true);
    }
    if (this.#run?.token === token && this.#run.occurrenceMs === occurrenceMs) {
      this.#run = { ...this.#run, expiresAtMs: nowMs + ttlMs };
      return { state: "running", fence: this.#run.fence };
    }
    if (occurrenceMs <= this.#settledMs) return { state: "settled" };
    if (this.#run !== null) return { state: "busy", occurrenceMs: this.#run.occurrenceMs };
    if (this.#owedMs !== null && this.#owedMs >= oldestMs && this.#owedMs < occurrenceMs) {
      return { state: "owed", occurrenceMs: this.#owedMs };
    }
    this.#owedMs = null;
    this.#run = { occurrenceMs, token, fence: newFence(), expiresAtMs: nowMs + ttlMs };
    return { state: "running", fence: this.#run.fence };
  }

  #end(occurrenceMs: number, isOwed: boolean): void {
    this.#run = null;
    if (isOwed) this.#owedMs = occurrenceMs;
    else this.#settledMs = occurrenceMs;
  }
}
