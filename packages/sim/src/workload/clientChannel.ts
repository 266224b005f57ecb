import type { RandomStream } from "../random/randomStream.js";
import type { Task } from "../schedule/task.js";
import type { LinkConditions } from "../faults/linkConditions.js";
import type { WorldContext } from "../world/worldContext.js";

const DELAY_MIN_MS = 0.2;
const DELAY_MEAN_MS = 0.8;

/** One direction of the way between a client and the members. It keeps the order, as a connection does. */
export class ClientChannel {
  readonly #world: WorldContext;
  readonly #conditions: LinkConditions;
  readonly #loss: RandomStream;
  readonly #delay: RandomStream;
  readonly #duplication: RandomStream;
  #lastArrivalMs = 0;

  constructor(world: WorldContext, conditions: LinkConditions, purpose: string) {
    this.#world = world;
    this.#conditions = conditions;
    this.#loss = world.streams.stream(`${purpose}/loss`);
    this.#delay = world.streams.stream(`${purpose}/delay`);
    this.#duplication = world.streams.stream(`${purpose}/duplication`);
  }

  /** Carries something that happens on arrival: later, or never, or twice. */
  carry(arrive: Task): void {
    const { time } = this.#world;
    const lost = this.#loss.chance(this.#conditions.clientLossRate);
    const delayMs = DELAY_MIN_MS + this.#delay.exponential(DELAY_MEAN_MS);
    const twice = this.#duplication.chance(this.#conditions.clientDuplicationRate);
    if (lost) return;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, time.now + delayMs);
    time.schedule(this.#lastArrivalMs, arrive);
    if (twice) time.schedule(this.#lastArrivalMs + delayMs, arrive);
  }
}
