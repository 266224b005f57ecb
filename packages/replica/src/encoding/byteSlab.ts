const SLAB_BYTES = 32 * 1024;
/** Longer ones get a buffer of their own, so that little of a slab is wasted at its end. */
const MAX_SHARED_BYTES = SLAB_BYTES / 8;

/**
 * Copies bytes behind one another into large buffers: a small buffer of its own costs more than what is in it. A slab lives
 * as long as any copy in it, so it is for bytes that are let go of in the order they came, as the log's are.
 */
export class ByteSlab {
  #slab = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > MAX_SHARED_BYTES) return bytes.slice();
    if (length > this.#slab.length - this.#used) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }
}
