import { completeBounds } from "../bounds.js";
import { World } from "../state/world.js";
import type { ExploredScenario } from "./exploredScenario.js";
import type { Trace } from "./trace.js";
import { describeAction, type TraceAction } from "./traceAction.js";
import { Walk, type Choice } from "./walk.js";

export interface Replay extends Trace {
  /**
   * The action that could not be taken, counted from 0, and what could: the core that runs here does something else than
   * the one that the trace was found with. Null when the trace went to its end.
   */
  readonly stoppedAt: { readonly action: number; readonly possible: readonly string[] } | null;
}

/** Goes the way of a trace with the core at hand. It ends with the first violation. */
export function replay({ explored }: ExploredScenario): Replay {
  const walk = new Walk(new World(completeBounds(explored.bounds)));
  for (const [place, action] of explored.actions.entries()) {
    const choices = walk.choices();
    const choice = choices.find((candidate) => isSameAction(walk, candidate, action));
    if (choice === undefined) {
      const possible = choices.map((candidate) => describeAction(walk.actionOf(candidate)));
      return { ...end(walk), stoppedAt: { action: place, possible } };
    }
    walk.take(choice);
    if (choice.violation !== null) break;
  }
  return { ...end(walk), stoppedAt: null };
}

function isSameAction(walk: Walk, choice: Choice, action: TraceAction): boolean {
  return choice.name === action.do && describeAction(walk.actionOf(choice)) === describeAction(action);
}

function end({ steps, startSteps }: Walk): Trace {
  return { steps, startSteps, violation: steps.at(-1)?.violation ?? null };
}
