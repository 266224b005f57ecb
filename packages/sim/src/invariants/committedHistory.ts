import { NumberList } from "./numberList.js";

/** Every entry that was ever committed, by anyone, as numbers kept for the whole run. */
export class CommittedHistory {
  readonly #terms = new NumberList();
  readonly #hashes = new NumberList();

  constructor() {
    this.#terms.push(0);
    this.#hashes.push(0);
  }

  get lastIndex(): number {
    return this.#terms.length - 1;
  }

  get lastTerm(): number {
    return this.#terms.at(this.lastIndex);
  }

  /** The next entry, at `lastIndex + 1`. */
  push(term: number, hash: number): void {
    this.#terms.push(term);
    this.#hashes.push(hash);
  }

  /** Of the entry at an index up to `lastIndex`; 0 for index 0. */
  termAt(index: number): number {
    return this.#terms.at(index);
  }

  hashAt(index: number): number {
    return this.#hashes.at(index);
  }
}
