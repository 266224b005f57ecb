import { createHash } from "node:crypto";
import { CampaignCoverage, drawScenario, type ProfileName } from "@balsa/sim";
import type { Failure } from "./failure.js";
import type { FuzzWorker, StartWorker, WorkerEvent } from "./workerProtocol.js";

export interface CampaignPlan {
  readonly profile: ProfileName;
  readonly seeds: Iterator<number, void>;
  readonly workers: number;
  /** No seed begins after so long; null: all seeds are run. */
  readonly limitMs: number | null;
  readonly startWorker: StartWorker;
  /** Ends all at once. */
  readonly interrupted: AbortSignal;
  readonly now: () => number;
  /** Awaited before anything else is told of the failure. */
  readonly onFailure: (failure: Failure) => Promise<void>;
}

export type CampaignEnd = "allSeeds" | "timeOver" | "interrupted" | "tooManyFailures";

/** A worker that says nothing for so long hangs. */
const SILENCE_MS = 600_000;
const LOOK_EVERY_MS = 100;
const SHRINK_MS = 60_000;
/** So many failures are shrunk; a broken rule fails every other seed, and one of them is enough. */
const MAX_SHRUNK = 5;
const MAX_FAILURES = 50;

interface Slot {
  worker: FuzzWorker | null;
  seed: number | null;
  heardAtMs: number;
}

/** Has the seeds run by some workers, and gathers what comes of them. */
export class Campaign {
  readonly coverage = new CampaignCoverage();
  readonly failures: Failure[] = [];
  simulatedMs = 0;
  /** Runs whose history was too large to search for an order of all operations. */
  undecided = 0;
  readonly #plan: CampaignPlan;
  readonly #digests = new Map<number, string>();
  readonly #slots: Slot[];
  readonly #startedMs: number;
  #shrinks = 0;
  #begins = true;
  #end: CampaignEnd = "allSeeds";
  #tells: Promise<void> = Promise.resolve();
  #tellError: { readonly error: unknown } | null = null;

  constructor(plan: CampaignPlan) {
    this.#plan = plan;
    this.#startedMs = plan.now();
    this.#slots = Array.from({ length: plan.workers }, () => ({ worker: null, seed: null, heardAtMs: 0 }));
  }

  get seedsDone(): number {
    return this.#digests.size;
  }

  get elapsedMs(): number {
    return this.#plan.now() - this.#startedMs;
  }

  /** Over the numbers and digests of all seeds that are done, in their order. */
  digest(): string {
    const all = createHash("sha256");
    const inOrder = [...this.#digests].sort(([a], [b]) => a - b);
    for (const [seed, digest] of inOrder) all.update(`${String(seed)} ${digest}\n`);
    return all.digest("hex").slice(0, 32);
  }

  /**
   * Runs until all is done, or is to end. `look` is awaited several times a second.
   * @throws whatever `onFailure` threw first
   */
  async run(look: () => Promise<void>): Promise<CampaignEnd> {
    const end = await this.#runSeeds(look);
    if (this.#tellError !== null) throw this.#tellError.error;
    return end;
  }

  async #runSeeds(look: () => Promise<void>): Promise<CampaignEnd> {
    const { limitMs, interrupted } = this.#plan;
    try {
      for (const slot of this.#slots) this.#next(slot);
      while (this.#slots.some(({ seed }) => seed !== null)) {
        if (interrupted.aborted) return "interrupted";
        if (limitMs !== null && this.elapsedMs >= limitMs) this.#stopBeginning("timeOver");
        this.#endSilent();
        await look();
        await soon(LOOK_EVERY_MS, interrupted);
      }
      return interrupted.aborted ? "interrupted" : this.#end;
    } finally {
      for (const { worker } of this.#slots) worker?.end();
      await this.#tells;
    }
  }

  #stopBeginning(end: CampaignEnd): void {
    if (this.#begins) this.#end = end;
    this.#begins = false;
  }

  #next(slot: Slot): void {
    const { seeds, profile } = this.#plan;
    const next = this.#begins ? seeds.next() : null;
    slot.seed = next === null || next.done === true ? null : next.value;
    if (slot.seed === null) return;
    slot.worker ??= this.#start(slot);
    slot.heardAtMs = this.#plan.now();
    slot.worker.ask({ profile, seed: slot.seed, shrinkMs: this.#shrinks < MAX_SHRUNK ? SHRINK_MS : 0 });
  }

  #start(slot: Slot): FuzzWorker {
    return this.#plan.startWorker({
      told: (event) => {
        slot.heardAtMs = this.#plan.now();
        if (event.type === "done") this.#done(slot, event);
      },
      broke: (reason) => {
        this.#lost(slot, "workerCrashed", reason);
      },
    });
  }

  #done(slot: Slot, { result, shrunk, notShrunk }: Extract<WorkerEvent, { type: "done" }>): void {
    const { seed, violation, coverage, digest, simulatedMs } = result;
    this.#digests.set(seed, digest);
    this.coverage.add(coverage);
    this.simulatedMs += simulatedMs;
    if (result.undecided) this.undecided += 1;
    if (violation !== null) {
      if (shrunk !== null) this.#shrinks += 1;
      const { check, message } = violation;
      const scenario = drawScenario(this.#plan.profile, seed);
      this.#failed({ seed, check, message, scenario, shrunk, notShrunk });
    }
    this.#next(slot);
  }

  /** The seed took its worker with it, which says as much about it as a violation. */
  #lost(slot: Slot, check: "workerCrashed" | "workerHung", message: string): void {
    const { seed } = slot;
    slot.worker = null;
    if (seed === null) return;
    this.#digests.set(seed, check);
    const scenario = drawScenario(this.#plan.profile, seed);
    this.#failed({ seed, check, message, scenario, shrunk: null, notShrunk: "it takes its worker with it" });
    this.#next(slot);
  }

  #endSilent(): void {
    for (const slot of this.#slots) {
      if (slot.seed === null || this.#plan.now() - slot.heardAtMs < SILENCE_MS) continue;
      slot.worker?.end();
      this.#lost(slot, "workerHung", `nothing was heard of its worker for ${String(SILENCE_MS / 1_000)} s`);
    }
  }

  #failed(failure: Failure): void {
    this.failures.push(failure);
    if (this.failures.length >= MAX_FAILURES) this.#stopBeginning("tooManyFailures");
    this.#tells = this.#tells
      .then(() => this.#plan.onFailure(failure))
      .catch((error: unknown) => {
        this.#tellError ??= { error };
        this.#stopBeginning("interrupted");
      });
  }
}

/** After a while, or as soon as it is interrupted. */
function soon(delayMs: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      interrupted.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    interrupted.addEventListener("abort", end);
  });
}
