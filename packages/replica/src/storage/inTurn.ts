import type { Done } from "../disk.js";
import { StorageFailedError } from "./storageFailedError.js";

/** What the disk is to do, as words to go behind "failed to", and the call that does it. */
export type DiskStep = readonly [operation: string, run: (done: Done) => void];

/**
 * Takes one step after the other, up to the first error, which `done` gets as a `StorageFailedError`.
 * Without a step `done` is called at once.
 */
export function inTurn(steps: readonly DiskStep[], done: Done): void {
  const take = (position: number): void => {
    const step = steps[position];
    if (step === undefined) return done(null);
    const [operation, run] = step;
    run((error) => {
      if (error === null) take(position + 1);
      else done(error instanceof StorageFailedError ? error : new StorageFailedError(operation, error));
    });
  };
  take(0);
}
