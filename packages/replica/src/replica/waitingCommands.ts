import type { Entry } from "@balsa/core";
import type { RefusalCode } from "../outcome.js";
import type { AppliedResult } from "../sessions/index.js";

/** Who waits for an entry: told what became of it, or why that is not to be found out. */
export interface CommandWaiter {
  applied(entry: Entry, result: AppliedResult): void;
  refused(code: RefusalCode): void;
}

interface Waiting {
  readonly term: number;
  readonly deadline: number;
  readonly waiter: CommandWaiter;
}

/** Proposals under way, by the index of their entry. */
export class WaitingCommands {
  /** In the order of proposing, so that deadlines rise along it. */
  readonly #byIndex = new Map<number, Waiting>();
  /** Of the last entry that was applied; terms rise along a log. */
  #appliedTerm = 0;

  get size(): number {
    return this.#byIndex.size;
  }

  /** When the first of them has waited for too long. */
  get deadline(): number {
    if (this.#byIndex.size === 0) return Infinity;
    for (const { deadline } of this.#byIndex.values()) return deadline;
    return Infinity;
  }

  add(index: number, term: number, deadline: number, waiter: CommandWaiter): void {
    // An entry that stood there before was cut off here; elsewhere it may live on, and even be committed.
    const before = this.#byIndex.get(index);
    this.#byIndex.delete(index);
    this.#byIndex.set(index, { term, deadline, waiter });
    before?.waiter.refused("UNKNOWN_OUTCOME");
  }

  /** An entry has been applied. Where another one was waited for, that one can never be committed any more. */
  settle(entry: Entry, result: AppliedResult | null): void {
    if (entry.term > this.#appliedTerm) this.#termApplied(entry);
    const waiting = this.#byIndex.get(entry.index);
    if (waiting === undefined) return;
    this.#byIndex.delete(entry.index);
    if (waiting.term !== entry.term || result === null) waiting.waiter.refused("NOT_LEADER");
    else waiting.waiter.applied(entry, result);
  }

  /** Behind a committed entry nothing of an earlier term can ever be committed: nobody need wait until its place is taken. */
  #termApplied(entry: Entry): void {
    this.#appliedTerm = entry.term;
    for (const [at, { term, waiter }] of this.#byIndex) {
      if (term >= entry.term || at < entry.index) continue;
      this.#byIndex.delete(at);
      waiter.refused("NOT_LEADER");
    }
  }

  /** A snapshot took the place of the entries up to `index`: what they gave is not to be seen. */
  skipped(index: number): void {
    for (const [at, { waiter }] of this.#byIndex) {
      if (at > index) continue;
      this.#byIndex.delete(at);
      waiter.refused("UNKNOWN_OUTCOME");
    }
  }

  expire(now: number): void {
    for (const [at, { deadline, waiter }] of this.#byIndex) {
      if (deadline > now) return;
      this.#byIndex.delete(at);
      waiter.refused("UNKNOWN_OUTCOME");
    }
  }

  /** Ends all waiting: what is in the log may yet be committed by others. */
  abandon(): void {
    for (const [at, { waiter }] of this.#byIndex) {
      this.#byIndex.delete(at);
      waiter.refused("UNKNOWN_OUTCOME");
    }
  }
}
