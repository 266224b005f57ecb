import type { Entry } from "@balsa/core";
import { hashEntry } from "./hash.js";

/** An entry that some log held at some time, in numbers. */
export interface EntryVariant {
  readonly term: number;
  readonly hash: number;
  /** Term of the entry before it. */
  readonly previousTerm: number;
}

export type EntryVerdict = "same" | "new" | "otherContent" | "otherPast";

const RECENT = 4_096;

/**
 * Every entry that ever stood in any log. Two logs with the same entry (index and term) are equal up to it exactly if
 * each (index, term) has only ever had one content and one predecessor: so says induction over the index. That makes
 * log matching over all history a look-up for each entry appended anywhere.
 */
export class EntryTable {
  readonly #variants: (EntryVariant | EntryVariant[])[] = [];
  /** Entries looked at last, by index: members share them, so most need no hash. */
  readonly #recent: (Entry | null)[] = Array.from({ length: RECENT }, () => null);

  /** Takes in an entry found in a log, behind one of `previousTerm`. */
  add(entry: Entry, previousTerm: number): EntryVerdict {
    const slot = entry.index % RECENT;
    const known = this.find(entry.index, entry.term);
    if (known !== null && known.previousTerm !== previousTerm) return "otherPast";
    if (known !== null && this.#recent[slot] === entry) return "same";
    const hash = hashEntry(entry);
    if (known !== null && known.hash !== hash) return "otherContent";
    this.#recent[slot] = entry;
    if (known !== null) return "same";
    this.#insert(entry.index, { term: entry.term, hash, previousTerm });
    return "new";
  }

  find(index: number, term: number): EntryVariant | null {
    const variants = this.#variants[index];
    if (variants === undefined) return null;
    if (!Array.isArray(variants)) return variants.term === term ? variants : null;
    return variants.find((variant) => variant.term === term) ?? null;
  }

  #insert(index: number, variant: EntryVariant): void {
    const variants = this.#variants[index];
    if (variants === undefined) {
      // Filled up to the index, for a list with holes would be slow for ever.
      while (this.#variants.length < index) this.#variants.push([]);
      this.#variants[index] = variant;
    } else if (Array.isArray(variants)) {
      variants.push(variant);
    } else {
      this.#variants[index] = [variants, variant];
    }
  }
}
