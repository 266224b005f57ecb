import type { ReadResult } from "@balsa/core";
import type { RefusalCode } from "../outcome.js";

/** Who waits to read: told when the state machine is far enough, or why it will not be. */
export interface ReadWaiter {
  ready(): void;
  refused(code: RefusalCode): void;
}

interface Waiting {
  readonly deadline: number;
  readonly waiter: ReadWaiter;
  /** From where on the state machine may answer; null until known. */
  index: number | null;
}

/** Reads under way: first for their index, then for the state machine to have applied it. */
export class WaitingReads {
  /** In the order of asking, so that deadlines rise along it. */
  readonly #byContext = new Map<number, Waiting>();
  #nextContext = 1;
  /** No read waits for an index below this one. */
  #leastIndex = Infinity;

  get size(): number {
    return this.#byContext.size;
  }

  get deadline(): number {
    if (this.#byContext.size === 0) return Infinity;
    for (const { deadline } of this.#byContext.values()) return deadline;
    return Infinity;
  }

  /** Returns a context that was never used before. */
  add(deadline: number, waiter: ReadWaiter): number {
    const context = this.#nextContext;
    this.#nextContext += 1;
    this.#byContext.set(context, { deadline, waiter, index: null });
    return context;
  }

  /** The core has found the index, or refused. Nothing to do where the read has been given up since. */
  resolve(result: ReadResult): void {
    const waiting = this.#byContext.get(result.context);
    if (waiting === undefined) return;
    if (result.index !== null) {
      waiting.index = result.index;
      this.#leastIndex = Math.min(this.#leastIndex, result.index);
      return;
    }
    this.#byContext.delete(result.context);
    waiting.waiter.refused(
      result.refusal === null || result.refusal === "LEADERSHIP_LOST" ? "NO_LEADER" : result.refusal,
    );
  }

  /** Everything up to `index` is applied. */
  applied(index: number): void {
    if (index < this.#leastIndex) return;
    this.#leastIndex = Infinity;
    const ready: number[] = [];
    for (const [context, waiting] of this.#byContext) {
      if (waiting.index === null) continue;
      if (waiting.index <= index) ready.push(context);
      else this.#leastIndex = Math.min(this.#leastIndex, waiting.index);
    }
    for (const context of ready) {
      const waiting = this.#byContext.get(context);
      this.#byContext.delete(context);
      waiting?.waiter.ready();
    }
  }

  expire(now: number): void {
    for (const [context, { deadline, waiter }] of this.#byContext) {
      if (deadline > now) return;
      this.#byContext.delete(context);
      waiter.refused("TIMED_OUT");
    }
  }

  /** Ends all waiting. */
  abandon(): void {
    for (const [context, { waiter }] of this.#byContext) {
      this.#byContext.delete(context);
      waiter.refused("STOPPED");
    }
  }
}
