import { invariant } from "@balsa/core";

/**
 * How a leader reads the replicated clock that it stamps on its entries. Cluster time runs only while somebody leads: it
 * goes on from where the last leader's entries left it, so that sessions don't expire for want of a leader to renew them.
 */
export class ClusterClock {
  #startedAtMs = 0;
  #startClusterTimeMs = 0;

  /** The own reign begins, at `now` of the own clock; `clusterTimeMs` is that of the entries applied so far. */
  startReign(clusterTimeMs: number, now: number): void {
    this.#startedAtMs = now;
    this.#startClusterTimeMs = clusterTimeMs;
  }

  /**
   * What to stamp on an entry proposed at `now`, in whole milliseconds. Entries of earlier leaders that were applied
   * since the reign began may have a later time; the clock does not fall behind `appliedClusterTimeMs`.
   */
  stamp(appliedClusterTimeMs: number, now: number): number {
    const elapsedMs = now - this.#startedAtMs;
    invariant(elapsedMs >= 0, "a member's clock never falls");
    return Math.max(appliedClusterTimeMs, this.#startClusterTimeMs + Math.floor(elapsedMs));
  }
}
