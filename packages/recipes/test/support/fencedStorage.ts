/** A storage that refuses whoever comes with a lower fence than it has seen. */
export class FencedStorage {
  readonly accepted: { readonly fence: number; readonly by: string }[] = [];
  refused = 0;
  #highest = 0;

  write(fence: number, by: string): boolean {
    if (fence < this.#highest) {
      this.refused += 1;
      return false;
    }
    this.#highest = fence;
    this.accepted.push({ fence, by });
    return true;
  }
}
