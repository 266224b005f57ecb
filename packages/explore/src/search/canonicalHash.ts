import { finish } from "../state/tokens.js";
import type { World } from "../state/world.js";

/**
 * Hashes states so that those which differ only in who is who have the same hash: of the hashes under every exchange of
 * nodes, the smallest. A hash is a sum of those of its parts, so the order of messages makes no difference.
 */
export class CanonicalHash {
  low = 0;
  high = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Leaves the two halves of the hash in `low` and `high`. */
  take(states: Int32Array, at: number): void {
    const { layout, permutations, members, messages, histories } = this.#world;
    const width = 2 * permutations.length;
    const budgets = states[at + layout.budgets] as number;
    const count = states[at + layout.messageCount] as number;
    const rest = finish(Math.imul(budgets, 0x9e3779b1) ^ count);
    const history = (states[at + layout.history] as number) * width;
    for (let i = 0; i < width; i += 2) {
      let low = (rest + (histories.hashes[history + i] as number)) | 0;
      let high = (Math.imul(rest, 0x7feb352d) + (histories.hashes[history + i + 1] as number)) | 0;
      for (let node = 0; node < layout.nodes; node += 1) {
        const place = (states[at + node] as number) * width + i;
        low = (low + (members.hashes[place] as number)) | 0;
        high = (high + (members.hashes[place + 1] as number)) | 0;
      }
      for (let k = 0; k < count; k += 1) {
        const place = (states[at + layout.messages + k] as number) * width + i;
        low = (low + (messages.hashes[place] as number)) | 0;
        high = (high + (messages.hashes[place + 1] as number)) | 0;
      }
      if (i === 0 || high < this.high || (high === this.high && low < this.low)) {
        this.low = low;
        this.high = high;
      }
    }
  }
}
