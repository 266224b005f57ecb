import type { Permutation } from "./permutations.js";
import { hashTokens, type Tokenizer } from "./tokens.js";

/**
 * Each different value once, under a small number, with its hashes under every exchange of nodes. Millions of states
 * are made of few different members, messages and histories.
 */
export class InternTable<T> {
  readonly #tokenizer: Tokenizer;
  readonly #permutations: readonly Permutation[];
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];
  /** For each value, and each permutation, the two halves of its hash. */
  hashes = new Int32Array(1024);

  constructor(tokenizer: Tokenizer, permutations: readonly Permutation[]) {
    this.#tokenizer = tokenizer;
    this.#permutations = permutations;
  }

  get size(): number {
    return this.#values.length;
  }

  get(id: number): T {
    return this.#values[id] as T;
  }

  /** The number of this value, which from now on belongs to the table. */
  intern(value: T): number {
    const tokens = this.#tokenizer.tokens(value);
    const key = tokens.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(key, id);
    this.#values.push(value);
    this.#hash(id, tokens);
    return id;
  }

  #hash(id: number, tokens: readonly number[]): void {
    const width = 2 * this.#permutations.length;
    if ((id + 1) * width > this.hashes.length) {
      const larger = new Int32Array(this.hashes.length * 2 + width);
      larger.set(this.hashes);
      this.hashes = larger;
    }
    this.#permutations.forEach((permutation, i) => {
      const { low, high } = hashTokens(tokens, permutation);
      this.hashes[id * width + 2 * i] = low;
      this.hashes[id * width + 2 * i + 1] = high;
    });
  }
}
