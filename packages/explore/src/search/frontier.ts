/** States of one depth, in full, waiting to be expanded: all others are kept as hashes. */
export class Frontier {
  readonly #width: number;
  #states: Int32Array;
  #numbers: Int32Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#states = new Int32Array(width * 256);
    this.#numbers = new Int32Array(256);
  }

  get size(): number {
    return this.#size;
  }

  get memoryBytes(): number {
    return 4 * (this.#states.length + this.#numbers.length);
  }

  /** All states, one after the other. */
  get states(): Int32Array {
    return this.#states;
  }

  placeOf(index: number): number {
    return index * this.#width;
  }

  /** The number that the state has in the set of all. */
  numberOf(index: number): number {
    return this.#numbers[index] as number;
  }

  push(state: Int32Array, number: number): void {
    if (this.#size === this.#numbers.length) this.#grow();
    this.#states.set(state, this.#size * this.#width);
    this.#numbers[this.#size] = number;
    this.#size += 1;
  }

  clear(): void {
    this.#size = 0;
  }

  #grow(): void {
    const states = new Int32Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const numbers = new Int32Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
