import { logarithmOfFraction } from "./naturalLogarithm.js";

const TWO_TO_32 = 4_294_967_296;
const WARM_UP_DRAWS = 12;

/** What `exponential` makes of a number drawn with `nextU32`, for those who may not need it after all. */
export function exponentialOf(drawn: number, mean: number): number {
  return mean === 0 ? 0 : mean * (0 - logarithmOfFraction(drawn + 1));
}

/**
 * A stream of random numbers: Chris Doty-Humphrey's sfc32 (PractRand), 128 bits of state. Every method but `shuffle`
 * draws a fixed number of times, whatever its arguments, so that a changed argument leaves what comes after as it was.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** Takes four 32-bit integers that are already well mixed. */
  constructor(a: number, b: number, c: number, counter: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
    for (let draw = 0; draw < WARM_UP_DRAWS; draw += 1) this.#next();
  }

  /** An integer from 0 to 2^32 - 1. */
  nextU32(): number {
    return this.#next() >>> 0;
  }

  /** A multiple of 2^-32 in [0, 1). */
  float(): number {
    return (this.#next() >>> 0) / TWO_TO_32;
  }

  /**
   * An integer in [low, high], both included.
   * @throws RangeError unless both are integers, `low <= high`, and there are at most 2^32 of them
   */
  integer(low: number, high: number): number {
    const count = high - low + 1;
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && count >= 1 && count <= TWO_TO_32)) {
      throw new RangeError(`no range of at most 2^32 integers: ${low} to ${high}`);
    }
    return low + Math.floor(this.float() * count);
  }

  /** True with this probability: never for 0, always for 1. */
  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** @throws RangeError if there is nothing to pick from */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from: the list is empty");
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** Exponentially distributed, at most 22.2 times the mean. */
  exponential(mean: number): number {
    return exponentialOf(this.nextU32(), mean);
  }

  /** Shuffles in place (Fisher and Yates), and returns the list. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.integer(0, last);
      const item = items[last] as T;
      items[last] = items[other] as T;
      items[other] = item;
    }
    return items;
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }
}
