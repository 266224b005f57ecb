/** Time that only ever rises, in milliseconds from an arbitrary start. It need not agree between members. */
export interface Clock {
  now(): number;
  /** Calls `callback` once, at `deadline` or soon after. */
  setTimer(deadline: number, callback: () => void): Timer;
  /**
   * Calls `callback` once, when what has arrived by now has been handled: at once, before this returns, or a little later.
   * What comes in meanwhile is then dealt with in one go.
   */
  soon(callback: () => void): void;
}

export interface Timer {
  /** After this the callback is not called. May be called more than once. */
  cancel(): void;
}
