import { mix, structuralHash } from "../structuralHash.js";
import type { SetElement } from "./set.js";

const BUCKETS = 64;

/** An immutable set that shares all but one bucket with the set it was made from, so that thousands can be kept. */
export class ElementSet {
  static readonly EMPTY = new ElementSet([], 0, 0);

  readonly size: number;
  /** Of the elements, in whatever order they came. */
  readonly hash: number;
  private readonly buckets: readonly (readonly SetElement[] | undefined)[];

  private constructor(buckets: readonly (readonly SetElement[] | undefined)[], size: number, hash: number) {
    this.buckets = buckets;
    this.size = size;
    this.hash = hash;
  }

  has(element: SetElement): boolean {
    return this.buckets[bucketOf(element)]?.includes(element) === true;
  }

  /** With the element where it is missing, without it where it is there. */
  toggle(element: SetElement): ElementSet {
    const place = bucketOf(element);
    const bucket = this.buckets[place] ?? [];
    const buckets = Array.from({ length: BUCKETS }, (_, index) => this.buckets[index]);
    const isThere = bucket.includes(element);
    buckets[place] = isThere ? bucket.filter((other) => other !== element) : [...bucket, element];
    const share = mix(17, structuralHash(element));
    return new ElementSet(
      buckets,
      this.size + (isThere ? -1 : 1),
      isThere ? (this.hash - share) | 0 : (this.hash + share) | 0,
    );
  }

  consistsOf(elements: readonly SetElement[]): boolean {
    return (
      elements.length >= this.size &&
      elements.every((element) => this.has(element)) &&
      (elements.length === this.size || new Set(elements).size === this.size)
    );
  }

  equals(other: ElementSet): boolean {
    if (this.hash !== other.hash || this.size !== other.size) return false;
    return this.buckets.every(
      (bucket, place) => bucket === other.buckets[place] || bucket?.every((element) => other.has(element)) !== false,
    );
  }
}

function bucketOf(element: SetElement): number {
  return mix(19, structuralHash(element)) & (BUCKETS - 1);
}
