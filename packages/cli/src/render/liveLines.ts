import { write, type Output } from "../io.js";
import { plural } from "./text.js";

/** Lines that are held back where nobody watches: the last so many. */
const MAX_HELD_LINES = 10_000;

/**
 * What is told while the run goes on. A terminal shows it at once. A file or a pipe gets it after the run, so that what
 * was violated can stand in the first line there, as whoever reads a file expects.
 */
export class LiveLines {
  readonly #output: Output;
  readonly #live: boolean;
  #lines: string[] = [];
  #leftOut = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#live = output.isTTY === true;
  }

  add(lines: readonly string[]): void {
    this.#lines.push(...lines);
    // Cut in bulk, so that each line is moved once at most on average.
    if (!this.#live && this.#lines.length >= 2 * MAX_HELD_LINES) {
      this.#leftOut += this.#lines.length - MAX_HELD_LINES;
      this.#lines = this.#lines.slice(-MAX_HELD_LINES);
    }
  }

  get waiting(): boolean {
    return this.#live && this.#lines.length > 0;
  }

  /** Shows what is new, on a terminal. */
  async flush(): Promise<void> {
    if (!this.#live || this.#lines.length === 0) return;
    const text = this.#lines.map((line) => `${line}\n`).join("");
    this.#lines = [];
    await write(this.#output, text);
  }

  /** What was held back, to be shown now. */
  takeHeld(): string[] {
    const extra = Math.max(0, this.#lines.length - MAX_HELD_LINES);
    const left = this.#leftOut + extra;
    const lines = this.#lines.slice(extra);
    this.#lines = [];
    return left === 0 ? lines : [`(${plural(left, "earlier line")} left out; --trace keeps every event)`, ...lines];
  }
}
