import type { Clock, Timer } from "@balsa/replica";

/** What `setTimeout` takes at most. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * The process's own monotonic clock. It goes on while the process is stopped, so that after a SIGSTOP everything that is
 * overdue is found to be so at once.
 */
export class SystemClock implements Clock {
  #soon: (() => void)[] = [];

  now(): number {
    return performance.now();
  }

  setTimer(deadline: number, callback: () => void): Timer {
    let handle: NodeJS.Timeout | null = null;
    const arm = (): void => {
      const delayMs = deadline - performance.now();
      // A timeout may come a fraction too early, and one that is very far is taken in pieces.
      handle = setTimeout(fire, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS));
    };
    const fire = (): void => {
      if (performance.now() < deadline) return arm();
      handle = null;
      callback();
    };
    if (deadline !== Infinity) arm();
    return {
      cancel: () => {
        if (handle !== null) clearTimeout(handle);
        handle = null;
      },
    };
  }

  /** When the event loop has handed over all that has arrived: sockets and completions come before immediates. */
  soon(callback: () => void): void {
    this.#soon.push(callback);
    if (this.#soon.length === 1) setImmediate(this.#runSoon);
  }

  readonly #runSoon = (): void => {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const callback of callbacks) callback();
  };
}
