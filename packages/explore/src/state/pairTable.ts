const EMPTY = -1;

/** A map from two small whole numbers to a third, quicker and smaller than one with keys put together. */
export class PairTable {
  #keys = new Int32Array(2 * 1024);
  #values = new Int32Array(1024).fill(EMPTY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value, or -1. */
  get(first: number, second: number): number {
    return this.#values[this.#place(first, second)] as number;
  }

  /** Values are not below 0. */
  set(first: number, second: number, value: number): void {
    const place = this.#place(first, second);
    if (this.#values[place] === EMPTY) this.#size += 1;
    this.#keys[2 * place] = first;
    this.#keys[2 * place + 1] = second;
    this.#values[place] = value;
    if (this.#size * 2 > this.#values.length) this.#grow();
  }

  #place(first: number, second: number): number {
    const mask = this.#values.length - 1;
    let place = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 0;
    place = (place ^ (place >>> 15)) & mask;
    while (this.#values[place] !== EMPTY) {
      if (this.#keys[2 * place] === first && this.#keys[2 * place + 1] === second) return place;
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Int32Array(keys.length * 2);
    this.#values = new Int32Array(values.length * 2).fill(EMPTY);
    for (let place = 0; place < values.length; place += 1) {
      if (values[place] === EMPTY) continue;
      const free = this.#place(keys[2 * place] as number, keys[2 * place + 1] as number);
      this.#keys[2 * free] = keys[2 * place] as number;
      this.#keys[2 * free + 1] = keys[2 * place + 1] as number;
      this.#values[free] = values[place] as number;
    }
  }
}
