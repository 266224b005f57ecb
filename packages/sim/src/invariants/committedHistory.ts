import { NumberList } from "./numberList.js";

/** Every entry that was ever committed, by anyone, as numbers kept for the whole run. */
export class CommittedHistory {
  readonly #terms = new NumberList();
  readonly #hashes = new NumberList();
  /** Where the entries begin that were committed in a term, by rising term. */
  readonly #commitTerms: { readonly term: number; readonly fromIndex: number }[] = [];

  constructor() {
    this.#terms.push(0);
    this.#hashes.push(0);
  }

  get lastIndex(): number {
    return this.#terms.length - 1;
  }

  /** The next entry, at `lastIndex + 1`, committed by a member that was in `commitTerm`. */
  push(term: number, hash: number, commitTerm: number): void {
    const last = this.#commitTerms[this.#commitTerms.length - 1];
    if (last === undefined || commitTerm > last.term) {
      this.#commitTerms.push({ term: commitTerm, fromIndex: this.lastIndex + 1 });
    }
    this.#terms.push(term);
    this.#hashes.push(hash);
  }

  /** Of the entry at an index up to `lastIndex`; 0 for index 0. */
  termAt(index: number): number {
    return this.#terms.at(index);
  }

  /** The last entry committed before this term, which therefore every leader of the term must have. */
  lastIndexBefore(term: number): number {
    const since = this.#commitTerms.find((at) => at.term >= term);
    return since === undefined ? this.lastIndex : since.fromIndex - 1;
  }

  hashAt(index: number): number {
    return this.#hashes.at(index);
  }
}
