import type { Applied, OutcomeHandler, Refusal } from "../outcome.js";

/** A command that a pipeline has taken, and has not ended with. */
export class PipelinedCommand {
  readonly bytes: Uint8Array;
  readonly deadline: number;
  /** 0 until it is sent for the first time. */
  sequence = 0;
  /** Attempts that have no answer of any kind. */
  unresolved = 0;
  /** An attempt ended without telling whether the command was taken. */
  isUncertain = false;
  answered = false;
  lastRefusal: Refusal | null = null;
  #done: OutcomeHandler<Applied> | null;

  constructor(bytes: Uint8Array, deadline: number, done: OutcomeHandler<Applied>) {
    this.bytes = bytes;
    this.deadline = deadline;
    this.#done = done;
  }

  /** No attempt has put it into the log, and none is on its way there. */
  get isSurelyNotTaken(): boolean {
    return this.unresolved === 0 && !this.isUncertain;
  }

  /** Whether somebody waits for it still. */
  get isAwaited(): boolean {
    return this.#done !== null;
  }

  /** Tells whoever waits; the first time counts. */
  end(...outcome: Parameters<OutcomeHandler<Applied>>): void {
    const done = this.#done;
    this.#done = null;
    done?.(...outcome);
  }
}
