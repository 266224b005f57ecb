import { intAt } from "./at.js";

const RETURN = 0;
const STATE = 1;
const OLDER = 2;
const BITS = 3;
const NO_ENTRY = -1;

/**
 * The search configurations met: which return comes next, the state's number, one bit for each open operation that is
 * in the order: certain ones first, then lost ones.
 *
 * A configuration counts as known where one was met that differs only in having used fewer of the lost operations:
 * whatever can follow the new one can follow that. With up to 32 operations open at a time a configuration takes 20
 * to 40 bytes, a tenth of what a string in a `Set` would.
 */
export class ConfigurationSet {
  private count = 0;
  private readonly stride: number;
  /** Where the bits of the lost operations begin. */
  private readonly lostBits: number;
  private entries: Int32Array;
  /** Open addressing by all but the lost operations: 0 for a free place, otherwise one more than the newest entry. */
  private table = new Int32Array(1024);
  private usedPlaces = 0;
  private comparisonCount = 0;

  constructor(certainWords: number, lostWords: number) {
    this.lostBits = BITS + certainWords;
    this.stride = this.lostBits + lostWords;
    this.entries = new Int32Array(512 * this.stride);
  }

  get size(): number {
    return this.count;
  }

  get bytes(): number {
    return this.entries.byteLength + this.table.byteLength;
  }

  /** What `bytes` will reach for a moment, old and new arrays together, when one more is added. */
  get bytesNeededNext(): number {
    const entries = (this.count + 1) * this.stride > this.entries.length ? 2 * this.entries.byteLength : 0;
    const table = 2 * (this.usedPlaces + 1) > this.table.length ? 2 * this.table.byteLength : 0;
    return this.bytes + Math.max(entries, table);
  }

  /** How many entries were compared for their lost operations so far: the part of the work that `size` does not tell. */
  get comparisons(): number {
    return this.comparisonCount;
  }

  /** Adds a configuration; false where it, or one that leaves at least as much open, was there already. */
  add(nextReturn: number, stateNumber: number, bits: Int32Array): boolean {
    if ((this.count + 1) * this.stride > this.entries.length) this.growEntries();
    if (2 * (this.usedPlaces + 1) > this.table.length) this.growTable();
    const start = this.count * this.stride;
    this.entries[start + RETURN] = nextReturn;
    this.entries[start + STATE] = stateNumber;
    this.entries.set(bits, start + BITS);
    const place = this.placeOf(start);
    const newest = intAt(this.table, place) - 1;
    this.entries[start + OLDER] = newest;
    if (this.isKnown(start)) return false;
    if (newest === NO_ENTRY) this.usedPlaces++;
    this.count++;
    this.table[place] = this.count;
    return true;
  }

  /** Compares with the older entries that differ in lost operations only, and unlinks those that are now superfluous. */
  private isKnown(start: number): boolean {
    let kept = start;
    for (let entry = intAt(this.entries, start + OLDER); entry !== NO_ENTRY;) {
      this.comparisonCount++;
      const entryStart = entry * this.stride;
      if (this.usesNoMore(entryStart, start)) return true;
      entry = intAt(this.entries, entryStart + OLDER);
      if (this.usesNoMore(start, entryStart)) this.entries[kept + OLDER] = entry;
      else kept = entryStart;
    }
    return false;
  }

  /** Whether every lost operation that one entry has used was used by the other, too. */
  private usesNoMore(one: number, other: number): boolean {
    for (let offset = this.lostBits; offset < this.stride; offset++) {
      if ((intAt(this.entries, one + offset) & ~intAt(this.entries, other + offset)) !== 0) return false;
    }
    return true;
  }

  /** Where the table holds an entry like the one that starts at `start` but for lost operations, or the free place for it. */
  private placeOf(start: number): number {
    const mask = this.table.length - 1;
    for (let place = this.hash(start) & mask; ; place = (place + 1) & mask) {
      const found = intAt(this.table, place);
      if (found === 0 || this.alike((found - 1) * this.stride, start)) return place;
    }
  }

  private hash(start: number): number {
    let hash = 0x9e3779b9;
    for (let offset = 0; offset < this.lostBits; offset++) {
      if (offset === OLDER) continue;
      hash = Math.imul(hash ^ intAt(this.entries, start + offset), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  private alike(left: number, right: number): boolean {
    for (let offset = 0; offset < this.lostBits; offset++) {
      if (offset !== OLDER && this.entries[left + offset] !== this.entries[right + offset]) return false;
    }
    return true;
  }

  private growEntries(): void {
    const entries = new Int32Array(2 * this.entries.length);
    entries.set(this.entries);
    this.entries = entries;
  }

  private growTable(): void {
    const old = this.table;
    this.table = new Int32Array(2 * old.length);
    for (const found of old) {
      if (found !== 0) this.table[this.placeOf((found - 1) * this.stride)] = found;
    }
  }
}
