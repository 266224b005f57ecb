import { SYSTEM_CLOCK, sleepUntil, type RecipeClock } from "./recipeClock.js";

const DEFAULT_RESTART_AFTER_MS = 1_000;

/** Where leadership comes from: a `RaftNode`, or a `DistributedLock` in a program that is no member. */
export interface LeadershipSource {
  leadership(options: { readonly signal?: AbortSignal }): AsyncIterable<JobReign>;
}

export interface JobReign {
  /** Above those of all that led before: a fence for whatever the job writes elsewhere. */
  readonly term: number;
  /** Aborted before another can lead, and when the job is to end. It must end then. */
  readonly signal: AbortSignal;
}

export interface LeaderOnlyJobOptions {
  /** How long after a failure it is started again, if this is still the leader. Default 1,000. */
  readonly restartAfterMs?: number;
  /** Told of each failure while it led. Default: the failure ends `run`, which rejects with it. */
  readonly onError?: (error: unknown) => void;
  readonly clock?: RecipeClock;
}

/** Runs a job in whichever process leads, and in no other: the next begins when the one before has been told to end. */
export class LeaderOnlyJob {
  readonly #source: LeadershipSource;
  readonly #job: (reign: JobReign) => Promise<void>;
  readonly #options: LeaderOnlyJobOptions;

  constructor(source: LeadershipSource, job: (reign: JobReign) => Promise<void>, options: LeaderOnlyJobOptions = {}) {
    this.#source = source;
    this.#job = job;
    this.#options = options;
  }

  /** Goes on until the signal is aborted and the job has ended, or the node is closed. It never runs twice at a time here. */
  async run(signal?: AbortSignal): Promise<void> {
    if (signal === undefined) {
      for await (const reign of this.#source.leadership({})) await this.#reign(reign);
      return;
    }
    for await (const { term, signal: lost } of this.#source.leadership({ signal })) {
      await this.#reign({ term, signal: AbortSignal.any([lost, signal]) });
    }
  }

  async #reign(reign: JobReign): Promise<void> {
    const { onError, restartAfterMs = DEFAULT_RESTART_AFTER_MS, clock = SYSTEM_CLOCK } = this.#options;
    while (!reign.signal.aborted) {
      try {
        await this.#job(reign);
        // Done for this time of leading; it is kept, so that no other does it again.
        await sleepUntil(clock, Infinity, reign.signal);
      } catch (error) {
        if (reign.signal.aborted) return; // told to end, it ended in its own way
        if (onError === undefined) throw error;
        onError(error);
        await sleepUntil(clock, clock.now() + restartAfterMs, reign.signal);
      }
    }
  }
}
