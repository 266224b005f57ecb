import { SITUATIONS, type Situation, type SituationName } from "./situations.js";

const PLACES = Object.fromEntries(SITUATIONS.map(({ name }, place) => [name, place])) as Record<SituationName, number>; // every name is there

/** How often each situation was reached, in one run or in several. */
export class Coverage {
  /** In the order of `SITUATIONS`. */
  readonly counts = new Uint32Array(SITUATIONS.length);

  reach(name: SituationName): void {
    this.counts[PLACES[name]]! += 1;
  }

  times(name: SituationName): number {
    return this.counts[PLACES[name]]!;
  }
}

/** What many runs have reached together. */
export class CampaignCoverage {
  #seeds = 0;
  readonly #times = SITUATIONS.map(() => 0);
  readonly #runs = SITUATIONS.map(() => 0);

  /** How many runs are in it. */
  get seeds(): number {
    return this.#seeds;
  }

  /** @param counts of one run, in the order of `SITUATIONS` */
  add(counts: ArrayLike<number>): void {
    this.#seeds += 1;
    for (let place = 0; place < SITUATIONS.length; place += 1) {
      const times = counts[place] ?? 0;
      this.#times[place]! += times;
      if (times > 0) this.#runs[place]! += 1;
    }
  }

  get reached(): number {
    return this.#runs.filter((runs) => runs > 0).length;
  }

  /** Each situation with how often it was reached, and in how many runs. */
  list(): readonly (Situation & { readonly times: number; readonly runs: number })[] {
    return SITUATIONS.map((situation, place) => {
      return { ...situation, times: this.#times[place]!, runs: this.#runs[place]! };
    });
  }

  /** What should have been reached within so many runs of the swarm, and never was. */
  missing(): readonly Situation[] {
    return SITUATIONS.filter(({ expectedWithinSeeds }, place) => {
      return expectedWithinSeeds !== null && this.#seeds >= expectedWithinSeeds && this.#runs[place] === 0;
    });
  }
}
