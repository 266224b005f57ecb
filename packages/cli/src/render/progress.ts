import { formatDuration, type Simulation } from "@balsa/sim";
import { write, type CommandIo } from "../io.js";
import { formatCount } from "./text.js";

const INTERVAL_MS = 200;
/** Short runs need no progress, and lines that flicker help nobody. */
const FIRST_AFTER_MS = 500;
const ERASE_LINE = "\r\x1b[K";

/** One line on standard error that tells how far a long run is; only on a terminal. */
export class Progress {
  readonly #io: CommandIo;
  readonly #enabled: boolean;
  #nextMs: number;
  #shown = false;

  constructor(io: CommandIo, enabled: boolean) {
    this.#io = io;
    this.#enabled = enabled && io.stderr.isTTY === true;
    this.#nextMs = io.now() + FIRST_AFTER_MS;
  }

  async update(simulation: Simulation): Promise<void> {
    const nowMs = this.#io.now();
    if (!this.#enabled || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    this.#shown = true;
    const { timeMs, scenario, steps, commandsCommitted } = simulation;
    const total = scenario.durationMs;
    const share = total === undefined ? "" : ` of ${formatDuration(total)}`;
    const commands = scenario.workload?.commands;
    const goal = commands === undefined ? "" : ` of ${formatCount(commands)}`;
    const text = `${formatDuration(timeMs)}${share} simulated, ${formatCount(commandsCommitted)}${goal} commands, ${formatCount(steps)} steps`;
    await write(this.#io.stderr, `${ERASE_LINE}${text}`);
  }

  /** Takes the line away before anything else is written to the terminal. */
  async clear(): Promise<void> {
    if (!this.#shown) return;
    this.#shown = false;
    await write(this.#io.stderr, ERASE_LINE);
  }
}
