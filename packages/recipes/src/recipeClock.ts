import type { Timer } from "@balsa/replica";

/** The time of this process. */
export interface RecipeClock {
  /** Milliseconds from an arbitrary start, which never fall. */
  now(): number;
  /** Milliseconds since 1970, as people reckon them; may jump. */
  wallNow(): number;
  /** Calls back once, when `now` is at `deadline` or soon after. */
  setTimer(deadline: number, callback: () => void): Timer;
}

/** The longest that a timer of the platform may take. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const SYSTEM_CLOCK: RecipeClock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer(deadline, callback) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arm = (): void => {
      const leftMs = Math.max(0, deadline - performance.now());
      timer = setTimeout(() => (performance.now() < deadline ? arm() : callback()), Math.min(leftMs, MAX_TIMER_MS));
    };
    if (deadline < Infinity) arm();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves at that time of the clock, or as soon as the signal is aborted. */
export function sleepUntil(clock: RecipeClock, deadline: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimer(deadline, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}
