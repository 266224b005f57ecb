const SMALLEST_CAPACITY_BYTES = 512;

/**
 * The bytes of a file. What was never written costs no memory, so that preallocating a segment is free: only the part up to
 * the last byte written is held, and all beyond it reads as zeros.
 */
export class FileContent {
  #sizeBytes = 0;
  /** Invariant: all bytes from `#writtenBytes` on are zero. */
  #buffer = new Uint8Array(0);
  #writtenBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Up to here something has been written: never above the size. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    this.#reserve(end);
    this.#buffer.set(bytes, offset);
    this.#writtenBytes = Math.max(this.#writtenBytes, end);
    this.#sizeBytes = Math.max(this.#sizeBytes, end);
  }

  resize(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
    if (sizeBytes >= this.#writtenBytes) return;
    this.#buffer.fill(0, sizeBytes, this.#writtenBytes);
    this.#writtenBytes = sizeBytes;
  }

  /** Copies what stands from `offset` on into all of `target`; beyond the end that is zeros. */
  readInto(target: Uint8Array, offset: number): void {
    const end = Math.min(offset + target.length, this.#writtenBytes);
    if (offset < end) target.set(this.#buffer.subarray(offset, end), 0);
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(SMALLEST_CAPACITY_BYTES, this.#buffer.length * 2, sizeBytes));
    grown.set(this.#buffer.subarray(0, this.#writtenBytes), 0);
    this.#buffer = grown;
  }
}
