import { formatDuration } from "@balsa/sim";
import { write, type CommandIo } from "../io.js";
import { formatCount, plural } from "../render/text.js";
import type { Campaign } from "./campaign.js";

const LINE_EVERY_MS = 200;
/** Where nobody watches, a line now and then shows that it goes on. */
const SPARSE_EVERY_MS = 10_000;
const ERASE_LINE = "\r\x1b[K";

export interface CampaignGoal {
  readonly seeds: number;
  readonly limitMs: number | null;
}

/** Tells on standard error how far a campaign is. */
export class CampaignProgress {
  readonly #io: CommandIo;
  readonly #goal: CampaignGoal;
  readonly #isTerminal: boolean;
  #nextMs = 0;
  #shown = false;

  constructor(io: CommandIo, goal: CampaignGoal) {
    this.#io = io;
    this.#goal = goal;
    this.#isTerminal = io.stderr.isTTY === true;
    this.#nextMs = io.now() + (this.#isTerminal ? 0 : SPARSE_EVERY_MS);
  }

  async update(campaign: Campaign): Promise<void> {
    const nowMs = this.#io.now();
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + (this.#isTerminal ? LINE_EVERY_MS : SPARSE_EVERY_MS);
    const line = progressLine(campaign, this.#goal);
    if (!this.#isTerminal) return write(this.#io.stderr, `${line}\n`);
    this.#shown = true;
    const columns = this.#io.stderr.columns ?? 80;
    await write(this.#io.stderr, ERASE_LINE + line.slice(0, columns - 1));
  }

  /** Takes the line away before anything else is written to the terminal. */
  async clear(): Promise<void> {
    if (!this.#shown) return;
    this.#shown = false;
    await write(this.#io.stderr, ERASE_LINE);
  }
}

export function progressLine(campaign: Campaign, { seeds, limitMs }: CampaignGoal): string {
  const { seedsDone, simulatedMs, elapsedMs, coverage, failures } = campaign;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const rate = formatCount(Math.round(simulatedMs / 1_000 / seconds));
  const left = timeLeft(seedsDone, elapsedMs, seeds, limitMs);
  return [
    limitMs === null ? `${formatCount(seedsDone)} of ${plural(seeds, "seed")}` : plural(seedsDone, "seed"),
    `${formatDuration(Math.round(simulatedMs))} simulated`,
    `${rate}x`,
    `coverage ${String(coverage.reached)}/${String(coverage.list().length)}`,
    plural(failures.length, "failure"),
    ...(left === null ? [] : [`${formatDuration(left)} left`]),
  ].join(", ");
}

/** By the limit, or at the rate so far: whichever comes first. */
function timeLeft(seedsDone: number, elapsedMs: number, seeds: number, limitMs: number | null): number | null {
  const byRate = seedsDone === 0 ? Infinity : (elapsedMs / seedsDone) * (seeds - seedsDone);
  const left = Math.min(limitMs === null ? Infinity : limitMs - elapsedMs, byRate);
  return left === Infinity ? null : Math.max(0, Math.round(left / 1_000) * 1_000);
}
