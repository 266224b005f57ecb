import type { Clock, Timer } from "@balsa/replica";

/** The process's clock, for a client's session. */
export const CLIENT_CLOCK: Clock = {
  now: () => performance.now(),
  setTimer(deadline, callback): Timer {
    const timeout = setTimeout(callback, Math.max(0, Math.ceil(deadline - performance.now())));
    return { cancel: () => clearTimeout(timeout) };
  },
  soon: (callback) => {
    setImmediate(callback);
  },
};
