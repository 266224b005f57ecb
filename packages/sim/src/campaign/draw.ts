import type { RandomStream } from "../random/randomStream.js";
import { RandomStreams } from "../random/randomStreams.js";

/**
 * What a campaign's scenario is drawn with: each choice from a stream of its own, named by what is chosen, so that a new
 * choice moves no other.
 */
export class Draw {
  readonly #streams: RandomStreams;

  constructor(seed: number) {
    this.#streams = new RandomStreams(seed);
  }

  chance(what: string, probability: number): boolean {
    return this.#stream(what).chance(probability);
  }

  pick<T>(what: string, items: readonly T[]): T {
    return this.#stream(what).pick(items);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(what: string, low: number, high: number): number {
    return this.#stream(what).integer(low, high);
  }

  /** A whole number from `low` to `high`, where each doubling is as likely as any other. */
  scale(what: string, low: number, high: number): number {
    const stream = this.#stream(what);
    let doublings = 0;
    for (let reached = low * 2; reached <= high; reached *= 2) doublings += 1;
    let from = low;
    for (let left = stream.integer(0, doublings); left > 0; left -= 1) from *= 2;
    return Math.min(high, Math.floor(from * (1 + stream.float())));
  }

  /** From `low` to `high`, in hundredths. */
  part(what: string, low: number, high: number): number {
    return Math.round((low + this.#stream(what).float() * (high - low)) * 100) / 100;
  }

  #stream(what: string): RandomStream {
    return this.#streams.open(`campaign/${what}`);
  }
}
