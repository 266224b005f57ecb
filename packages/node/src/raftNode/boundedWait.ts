import { refusal, RefusedError, type Outcome, type RefusalCode } from "@balsa/replica";
import { SystemClock } from "../clock/index.js";
import type { WaitOptions } from "./raftNodeApi.js";

const CLOCK = new SystemClock();

/** What ends a wait before its outcome: the caller's signal. `UNKNOWN_OUTCOME`, where what was asked for may still happen. */
export function abortedError(code: RefusalCode, cause: unknown): RefusedError {
  return new RefusedError(refusal(code, null, "the caller's signal was aborted"), { cause });
}

/**
 * A promise of an outcome, within the caller's patience.
 * @param deadline by `performance.now()`; Infinity where `start` sees to it itself
 * @param start begins, and gives what is to be called when the caller's signal is aborted, or the deadline has come
 */
export function outcomeWithin<T>(
  { signal }: WaitOptions,
  deadline: number,
  start: (done: (outcome: Outcome<T>) => void) => (() => void) | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(abortedError("TIMED_OUT", signal.reason));
    let onEnd: (() => void) | undefined = undefined;
    let aborted = false;
    const abort = (): void => {
      aborted = true;
      onEnd?.();
    };
    const timer = CLOCK.setTimer(deadline, () => onEnd?.());
    const done = (outcome: Outcome<T>): void => {
      signal?.removeEventListener("abort", abort);
      timer.cancel();
      if (outcome.ok) resolve(outcome.value);
      else if (aborted) reject(abortedError(outcome.code, signal?.reason));
      else reject(new RefusedError(outcome));
    };
    signal?.addEventListener("abort", abort, { once: true });
    onEnd = start(done);
  });
}
