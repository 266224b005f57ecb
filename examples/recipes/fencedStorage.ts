/** A storage that several processes write to. It refuses whoever comes with a lower fence than it has seen. */
export class FencedStorage {
  readonly written: string[] = [];
  #highestFence = 0;

  /** Whether it was taken. In a database: `UPDATE … SET fence = $1 WHERE fence <= $1`, in the transaction of the write. */
  write(text: string, fence: number): boolean {
    if (fence < this.#highestFence) return false;
    this.#highestFence = fence;
    this.written.push(text);
    return true;
  }
}
