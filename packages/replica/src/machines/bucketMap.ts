/** How many, a power of two; with a million keys each has some 250, which are copied in about 30 µs. */
const BUCKETS = 4_096;
const BUCKET_BITS = 12;

interface Bucket {
  readonly pairs: Map<string, string>;
  /** How many captures there had been when it was made: older ones don't hold it. */
  readonly madeAfter: number;
}

/** The content of an instant. */
export interface Capture {
  readonly size: number;
  /** All pairs in the order of the map. */
  pairs(): Iterator<readonly [key: string, value: string]>;
  /** It won't be read any more. */
  release(): void;
}

/**
 * A map from strings to strings whose content can be captured without being copied: the pairs are spread over buckets, and
 * one that a capture holds is copied when it is next written to.
 *
 * The order of the pairs is part of the state: by bucket, and in a bucket by when each key was put where there was none. It
 * follows from the operations alone, whatever captures there were: putting a value in the place of another leaves a key
 * where it is, copying a bucket keeps its order, and putting all pairs into an empty map, in their order, makes one that is
 * the same.
 */
export class BucketMap {
  #buckets = new Array<Bucket | null>(BUCKETS).fill(null);
  #size = 0;
  #captures = 0;
  #openCaptures = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): string | undefined {
    return this.#buckets[bucketOf(key)]?.pairs.get(key);
  }

  has(key: string): boolean {
    return this.#buckets[bucketOf(key)]?.pairs.has(key) ?? false;
  }

  set(key: string, value: string): void {
    const pairs = this.#writable(bucketOf(key));
    const before = pairs.size;
    pairs.set(key, value);
    this.#size += pairs.size - before;
  }

  /** Returns whether there was something to delete. */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#size--;
    return this.#writable(bucketOf(key)).delete(key);
  }

  *pairs(): Generator<readonly [key: string, value: string]> {
    yield* pairsOf(this.#buckets);
  }

  capture(): Capture {
    const buckets = this.#buckets.slice();
    this.#captures++;
    this.#openCaptures++;
    let isOpen = true;
    return {
      size: this.#size,
      pairs: () => pairsOf(buckets),
      release: () => {
        if (isOpen) this.#openCaptures--;
        isOpen = false;
        buckets.length = 0;
      },
    };
  }

  #writable(number: number): Map<string, string> {
    const bucket = this.#buckets[number] ?? null;
    if (bucket !== null && (this.#openCaptures === 0 || bucket.madeAfter === this.#captures)) return bucket.pairs;
    const pairs = new Map<string, string>();
    if (bucket !== null) for (const [key, value] of bucket.pairs) pairs.set(key, value);
    this.#buckets[number] = { pairs, madeAfter: this.#captures };
    return pairs;
  }
}

function* pairsOf(buckets: readonly (Bucket | null)[]): Generator<readonly [key: string, value: string]> {
  for (const bucket of buckets) if (bucket !== null) yield* bucket.pairs;
}

/** By the upper bits of FNV-1a over the code units (Fowler, Noll and Vo 1991). */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> (32 - BUCKET_BITS);
}
