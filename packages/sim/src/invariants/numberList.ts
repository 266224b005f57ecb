/** A list of 32-bit integers that grows: four bytes an item, for what is kept for a whole run. */
export class NumberList {
  #items = new Int32Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Int32Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length] = value;
    this.#length += 1;
  }

  at(position: number): number {
    if (!(position >= 0 && position < this.#length)) {
      throw new RangeError(`position ${String(position)} is outside of a list of ${String(this.#length)}`);
    }
    return this.#items[position] as number;
  }
}
