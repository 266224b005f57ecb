import type { Violation } from "../rules/rule.js";
import type { TraceStep } from "./walk.js";

/** A schedule from the founding of the cluster on. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  /** How many of them, the first ones, belong to the start of a world that is led. */
  readonly startSteps: number;
  /** What its last step has violated, or null. */
  readonly violation: Violation | null;
}
