import { write, type CommandIo } from "../io.js";

const INTERVAL_MS = 200;
/** Short runs need no progress, and lines that flicker help nobody. */
const FIRST_AFTER_MS = 500;
const ERASE_LINE = "\r\x1b[K";

/** One line on standard error that tells how far something long is; only on a terminal. */
export class ProgressLine {
  readonly #io: CommandIo;
  readonly #enabled: boolean;
  #nextMs: number;
  #shown = false;

  constructor(io: CommandIo, enabled: boolean) {
    this.#io = io;
    this.#enabled = enabled && io.stderr.isTTY === true;
    this.#nextMs = io.now() + FIRST_AFTER_MS;
  }

  /** @param tell is asked only when the line is due */
  async update(tell: () => string): Promise<void> {
    const nowMs = this.#io.now();
    if (!this.#enabled || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    this.#shown = true;
    await write(this.#io.stderr, `${ERASE_LINE}${tell()}`);
  }

  /** Takes the line away before anything else is written to the terminal. */
  async clear(): Promise<void> {
    if (!this.#shown) return;
    this.#shown = false;
    await write(this.#io.stderr, ERASE_LINE);
  }
}
