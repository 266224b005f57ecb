import { invariant } from "@balsa/core";
import type { Violation } from "../rules/rule.js";
import type { World } from "../state/world.js";
import type { Trace } from "../trace/trace.js";
import { Walk } from "../trace/walk.js";
import type { StateSet } from "./stateSet.js";

/**
 * Goes the way to a state once more. Only hashes were kept, and those up to an exchange of nodes: from each state the
 * step is taken that leads to the next hash, so that in the trace every node keeps its name.
 */
export function rebuildTrace(world: World, set: StateSet, last: number, violation: Violation): Trace {
  const way: number[] = [];
  for (let state = last; state !== 0; state = set.parentOf(state)) way.push(state);
  const walk = new Walk(world);
  for (const state of way.reverse()) {
    const step = walk.choices().find(({ low, high, next }) => {
      return next !== null && low === set.lowOf(state) && high === set.highOf(state);
    });
    invariant(step !== undefined, "each state of the way is reached from the one before");
    walk.take(step);
  }
  const end = walk.choices().find((choice) => choice.violation?.rule === violation.rule);
  invariant(
    end?.violation !== null && end?.violation !== undefined,
    "the last step of the way violates the rule again",
  );
  walk.take(end);
  return { steps: walk.steps, startSteps: walk.startSteps, violation: end.violation };
}
