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
  readonly #tokens: Int32Array[] = [];
  /** Both halves of the hash of each value under each permutation, as far as they were asked for; else 0. */
  #hashes = new Int32Array(1024);

  constructor(tokenizer: Tokenizer, permutations: readonly Permutation[]) {
    this.#tokenizer = tokenizer;
    this.#permutations = permutations;
  }

  get size(): number {
    return this.#values.length;
  }

  /** To be read at the place that `hashPlace` gives, and there and right behind it only. */
  get hashes(): Int32Array {
    return this.#hashes;
  }

  get(id: number): T {
    return this.#values[id] as T;
  }

  tokensOf(id: number): Int32Array {
    return this.#tokens[id] as Int32Array;
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
    this.#tokens.push(Int32Array.from(tokens));
    this.#reserve((id + 1) * 2 * this.#permutations.length);
    return id;
  }

  /** Where the hash of a value under a permutation stands in `hashes`. */
  hashPlace(id: number, permutation: number): number {
    const place = 2 * (id * this.#permutations.length + permutation);
    if (this.#hashes[place] === 0) {
      const { low, high } = hashTokens(this.tokensOf(id), this.#permutations[permutation] as Permutation);
      this.#hashes[place] = low;
      this.#hashes[place + 1] = high;
    }
    return place;
  }

  #reserve(length: number): void {
    if (length <= this.#hashes.length) return;
    const larger = new Int32Array(this.#hashes.length * 2 + length);
    larger.set(this.#hashes);
    this.#hashes = larger;
  }
}
