import { invariant } from "@balsa/core";
import type { Violation } from "../rules/rule.js";
import { CanonicalHash } from "../search/canonicalHash.js";
import type { ActionName } from "../state/action.js";
import { Successors } from "../state/successors.js";
import type { World } from "../state/world.js";
import { describeStep } from "./describeStep.js";
import { traceAction, type TraceAction } from "./traceAction.js";

export interface TraceStep {
  readonly action: TraceAction;
  /** What came of it, in words. */
  readonly outcome: readonly string[];
  readonly violation: Violation | null;
}

/** A step that could be taken from here. */
export interface Choice {
  readonly name: ActionName;
  readonly subject: number;
  readonly detail: number;
  readonly next: Int32Array | null;
  readonly low: number;
  readonly high: number;
  readonly violation: Violation | null;
}

/** More steps than this no start of a world takes. */
const MAX_START_STEPS = 10_000;

/** One schedule, step by step, with every choice at hand: how traces are made from hashes, and replayed. */
export class Walk {
  readonly steps: TraceStep[] = [];
  /** How many of the steps led to the first state of the world. */
  readonly startSteps: number;
  #state: Int32Array;
  readonly #world: World;
  readonly #successors: Successors;
  #choices: Choice[] = [];

  /** Stands at the first state of the world; if that is led, after the steps that lead there. */
  constructor(world: World) {
    this.#world = world;
    const hash = new CanonicalHash(world);
    const add = (choice: Omit<Choice, "low" | "high">): void => {
      this.#choices.push({ ...choice, low: hash.low, high: hash.high });
    };
    const visitor = {
      successor: (next: Int32Array, name: ActionName, subject: number, detail: number): void => {
        hash.take(next, 0);
        add({ name, subject, detail, next: next.slice(), violation: null });
      },
      violated: (violation: Violation, name: ActionName, subject: number, detail: number): void => {
        add({ name, subject, detail, next: null, violation });
      },
    };
    this.#successors = new Successors(world, visitor, maxTermOf(world));
    this.#state = world.foundedState();
    if (world.bounds.start === "led") this.#electFirst();
    this.startSteps = this.steps.length;
  }

  get state(): Int32Array {
    return this.#state;
  }

  choices(): readonly Choice[] {
    this.#choices = [];
    this.#successors.expand(this.#state, 0);
    return this.#choices;
  }

  take(choice: Choice): void {
    const action = traceAction(this.#world, choice.name, choice.subject, choice.detail);
    const { next, violation } = choice;
    const outcome = next === null ? [] : describeStep(this.#world, this.#state, next);
    this.steps.push({ action, outcome, violation });
    if (next !== null) this.#state = next;
  }

  actionOf({ name, subject, detail }: Choice): TraceAction {
    return traceAction(this.#world, name, subject, detail);
  }

  /** The first node is elected, and everybody learns of it, without any trouble. */
  #electFirst(): void {
    const elect = this.choices().find(({ name, subject }) => name === "timeOut" && subject === 0);
    invariant(elect !== undefined, "the first node can campaign");
    this.take(elect);
    for (let steps = 0; steps < MAX_START_STEPS; steps += 1) {
      const choices = this.choices();
      const next = choices.find(({ name }) => name === "sync") ?? choices.find(({ name }) => name === "deliver");
      if (next === undefined) return;
      this.take(next);
    }
    invariant(false, "an election without trouble ends");
  }
}

/** The last term that may be begun. */
export function maxTermOf({ bounds }: World): number {
  return bounds.terms + (bounds.start === "led" ? 2 : 1);
}
