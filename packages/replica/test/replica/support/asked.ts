import type { Outcome, OutcomeHandler } from "../../../src/index.js";

/** Somebody who waits for an answer, and makes the test fail when told twice. */
export class Asked<T> {
  outcome: Outcome<T> | null = null;

  get isAnswered(): boolean {
    return this.outcome !== null;
  }

  /** `ok`, the code of the refusal, or null while there is none. */
  get verdict(): string | null {
    if (this.outcome === null) return null;
    return this.outcome.ok ? "ok" : this.outcome.code;
  }

  get leaderHint(): string | null {
    return this.outcome === null || this.outcome.ok ? null : this.outcome.leaderHint;
  }

  get value(): T {
    if (this.outcome?.ok !== true) throw new Error(`the answer is ${String(this.verdict)}`);
    return this.outcome.value;
  }

  readonly handler: OutcomeHandler<T> = (outcome) => {
    if (this.outcome === null) {
      this.outcome = outcome;
      return;
    }
    const error = new Error(`answered ${outcome.ok ? "ok" : outcome.code} after ${String(this.verdict)}`);
    // The replica would take what is thrown here for its own failure, and the test not notice.
    queueMicrotask(() => {
      throw error;
    });
  };
}
