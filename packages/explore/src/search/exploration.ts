import { completeBounds, type Bounds } from "../bounds.js";
import type { Violation } from "../rules/rule.js";
import { Successors } from "../state/successors.js";
import { World } from "../state/world.js";
import { maxTermOf, Walk } from "../trace/walk.js";
import type { Trace } from "../trace/trace.js";
import { CanonicalHash } from "./canonicalHash.js";
import { Frontier } from "./frontier.js";
import { rebuildTrace } from "./rebuildTrace.js";
import { StateSet } from "./stateSet.js";

export type ExplorationStatus =
  /** There is more to be looked at. */
  | "working"
  /** Every state within the bounds has been looked at, and no rule is violated. */
  | "exhausted"
  | "violated"
  /** The bound on states was reached before the end. */
  | "full";

export interface ExplorationReport {
  readonly bounds: Bounds;
  readonly status: ExplorationStatus;
  /** Distinct states met. */
  readonly states: number;
  /** Steps taken, to states known or new. */
  readonly steps: number;
  /** The most steps from the start that a state met lies away, by the shortest way. */
  readonly depth: number;
  /** Steps not taken, for too many messages would have been on their way. */
  readonly cutSteps: number;
  /** Different states of one member, and steps of the real core: the parts that all states are made of. */
  readonly memberStates: number;
  readonly memberSteps: number;
  /** Bytes in the tables of states; the parts come on top. */
  readonly tableBytes: number;
  /** That somewhere two states had the same hash and counted as one, were hashes drawn at random. */
  readonly collisionProbability: number;
  readonly violation: Violation | null;
}

export const DEFAULT_MAX_STATES = 20_000_000;

/** A search of every schedule of a small world, by rising length, so that the first violation is a shortest one. */
export class Exploration {
  readonly bounds: Bounds;
  readonly #maxStates: number;
  readonly #world: World;
  readonly #successors: Successors;
  readonly #hash: CanonicalHash;
  readonly #set = new StateSet();
  readonly #start: Walk;
  #frontier: Frontier;
  #next: Frontier;
  #expanded = 0;
  #depth = 0;
  #steps = 0;
  #from = 0;
  #violation: Violation | null = null;
  #violatedFrom = 0;
  #status: ExplorationStatus = "working";

  /** @throws BoundsError */
  constructor(bounds: Partial<Bounds>, maxStates = DEFAULT_MAX_STATES) {
    this.bounds = completeBounds(bounds);
    this.#maxStates = maxStates;
    this.#world = new World(this.bounds);
    this.#hash = new CanonicalHash(this.#world);
    this.#successors = new Successors(this.#world, this.#visitor(), maxTermOf(this.#world));
    this.#frontier = new Frontier(this.#world.layout.width);
    this.#next = new Frontier(this.#world.layout.width);
    this.#start = new Walk(this.#world);
    this.#hash.take(this.#start.state, 0);
    this.#set.add(this.#hash.low, this.#hash.high, 0);
    this.#frontier.push(this.#start.state, 0);
  }

  /** Looks at what comes after so many states more. */
  run(maxExpansions: number): ExplorationStatus {
    for (let left = maxExpansions; left > 0 && this.#status === "working"; left -= 1) this.#expandOne();
    return this.#status;
  }

  report(): ExplorationReport {
    return {
      bounds: this.bounds,
      status: this.#status,
      states: this.#set.size,
      steps: this.#steps,
      depth: this.#depth,
      cutSteps: this.#successors.cutSteps,
      memberStates: this.#world.members.size,
      memberSteps: this.#world.transitions.size,
      tableBytes: this.#set.memoryBytes + this.#frontier.memoryBytes + this.#next.memoryBytes,
      collisionProbability: this.#set.collisionProbability,
      violation: this.#violation,
    };
  }

  /** The shortest way to the violation that was found, or null. */
  trace(): Trace | null {
    if (this.#violation === null) return null;
    return rebuildTrace(this.#world, this.#set, this.#violatedFrom, this.#violation);
  }

  #expandOne(): void {
    if (this.#expanded === this.#frontier.size && !this.#goDeeper()) return;
    this.#from = this.#frontier.numberOf(this.#expanded);
    this.#successors.expand(this.#frontier.states, this.#frontier.placeOf(this.#expanded));
    this.#expanded += 1;
    if (this.#violation !== null) this.#status = "violated";
    else if (this.#set.size >= this.#maxStates) this.#status = "full";
  }

  #goDeeper(): boolean {
    if (this.#next.size === 0) {
      this.#status = "exhausted";
      return false;
    }
    [this.#frontier, this.#next] = [this.#next, this.#frontier];
    this.#next.clear();
    this.#expanded = 0;
    this.#depth += 1;
    return true;
  }

  #visitor(): ConstructorParameters<typeof Successors>[1] {
    return {
      successor: (next) => {
        this.#steps += 1;
        this.#hash.take(next, 0);
        if (this.#set.add(this.#hash.low, this.#hash.high, this.#from)) this.#next.push(next, this.#set.size - 1);
      },
      violated: (violation) => {
        this.#steps += 1;
        if (this.#violation !== null) return;
        this.#violation = violation;
        this.#violatedFrom = this.#from;
      },
    };
  }
}
