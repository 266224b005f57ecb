import type { Exploration } from "@balsa/explore";
import { write, type CommandIo } from "../io.js";
import { formatCount } from "../render/text.js";

const INTERVAL_MS = 500;
const ERASE_LINE = "\r\x1b[K";

/** One line on standard error that tells how far a search is; only on a terminal. */
export class ExploreProgress {
  readonly #io: CommandIo;
  readonly #enabled: boolean;
  #nextMs: number;
  #shown = false;

  constructor(io: CommandIo, enabled: boolean) {
    this.#io = io;
    this.#enabled = enabled && io.stderr.isTTY === true;
    this.#nextMs = io.now() + INTERVAL_MS;
  }

  async update(exploration: Exploration): Promise<void> {
    const nowMs = this.#io.now();
    if (!this.#enabled || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    this.#shown = true;
    const { states, depth } = exploration.report();
    await write(this.#io.stderr, `${ERASE_LINE}${formatCount(states)} states, up to ${formatCount(depth)} steps deep`);
  }

  /** Takes the line away before anything else is written to the terminal. */
  async clear(): Promise<void> {
    if (!this.#shown) return;
    this.#shown = false;
    await write(this.#io.stderr, ERASE_LINE);
  }
}
