import { invariant } from "@balsa/core";

const EMPTY = 0;
const MAX_SLOTS = 2 ** 30;

/**
 * The states met so far, each under a number from 0 on: 64 bits of hash, and the number of the state it was met from.
 * Two states of the same hash would count as one; see `collisionProbability`.
 */
export class StateSet {
  /** Numbers of states, plus one. */
  #slots = new Int32Array(4096);
  #low = new Int32Array(2048);
  #high = new Int32Array(2048);
  #parents = new Int32Array(2048);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get memoryBytes(): number {
    return 4 * (this.#slots.length + this.#low.length * 3);
  }

  /** That any two of the states met have the same hash, were hashes drawn at random: about n² / 2⁶⁵. */
  get collisionProbability(): number {
    return (this.#size / 2 ** 32) * (this.#size / 2 ** 33);
  }

  parentOf(state: number): number {
    return this.#parents[state] as number;
  }

  lowOf(state: number): number {
    return this.#low[state] as number;
  }

  highOf(state: number): number {
    return this.#high[state] as number;
  }

  /** Adds a state; false when it was there. */
  add(low: number, high: number, parent: number): boolean {
    const place = this.#place(low, high);
    if (this.#slots[place] !== EMPTY) return false;
    if (this.#size === this.#low.length) this.#growStates();
    this.#low[this.#size] = low;
    this.#high[this.#size] = high;
    this.#parents[this.#size] = parent;
    this.#size += 1;
    this.#slots[place] = this.#size;
    if (this.#size * 8 > this.#slots.length * 5) this.#growSlots();
    return true;
  }

  #place(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let place = low & mask;
    for (let number = this.#slots[place] as number; number !== EMPTY; number = this.#slots[place] as number) {
      if (this.#low[number - 1] === low && this.#high[number - 1] === high) return place;
      place = (place + 1) & mask;
    }
    return place;
  }

  #growStates(): void {
    const grown = (numbers: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(Math.ceil(numbers.length * 1.5));
      larger.set(numbers);
      return larger;
    };
    this.#low = grown(this.#low);
    this.#high = grown(this.#high);
    this.#parents = grown(this.#parents);
  }

  #growSlots(): void {
    invariant(this.#slots.length < MAX_SLOTS, "the set of states can't grow any more");
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let state = 0; state < this.#size; state += 1) {
      let place = (this.#low[state] as number) & mask;
      while (this.#slots[place] !== EMPTY) place = (place + 1) & mask;
      this.#slots[place] = state + 1;
    }
  }
}
