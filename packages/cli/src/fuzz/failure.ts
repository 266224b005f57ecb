import type { Scenario, Violation } from "@balsa/sim";

/** A smaller scenario that fails in the same way, and the last it has to tell. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly runs: number;
  readonly story: readonly string[];
}

/** A seed that did not hold. */
export interface Failure {
  readonly seed: number;
  /** The name of the check; `workerCrashed` and `workerHung` where the run took its worker with it. */
  readonly check: string;
  readonly message: string;
  readonly scenario: Scenario;
  readonly shrunk: Shrunk | null;
  /** Why it was not shrunk; null where it was. */
  readonly notShrunk: string | null;
}
