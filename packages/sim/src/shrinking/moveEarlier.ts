import type { Scenario } from "../scenario/scenario.js";
import { listedFaults, listedRequests, withFaults, withRequests } from "./passes.js";
import type { ShrinkSearch } from "./shrinkSearch.js";

/** Time in which nothing new strikes or is asked, and that may be shortened. */
const SHORTEST_GAP_MS = 100;
const SEEDS_FOR_MOVING = 4;
/** Where more begins than this, there are too many waits to try seeds for each. */
const FEW_BEGINNINGS = 20;

/** Takes out time in which nothing begins, from the first wait on: it may not have been needed. */
export function moveEarlier(search: ShrinkSearch): void {
  for (let gap = 0; ; gap += 1) {
    const times = beginnings(search.best);
    const toMs = times[gap + 1];
    const fromMs = times[gap];
    const seeds = times.length > FEW_BEGINNINGS ? 0 : SEEDS_FOR_MOVING;
    if (fromMs === undefined || toMs === undefined || search.isSpent) return;
    for (const part of [1, 0.75, 0.5, 0.25]) {
      const byMs = Math.floor((toMs - fromMs) * part);
      if (byMs < SHORTEST_GAP_MS) break;
      if (search.attemptWithSeeds(moved(search.best, fromMs, byMs), seeds)) break;
    }
  }
}

/** When anything begins, in order, from the very start to the end. */
function beginnings(scenario: Scenario): readonly number[] {
  const times = new Set([0, ...[...listedFaults(scenario), ...listedRequests(scenario)].map(({ atMs }) => atMs)]);
  if (scenario.durationMs !== undefined) times.add(scenario.durationMs);
  return [...times].sort((a, b) => a - b);
}

/** All that comes after `afterMs` comes so much earlier. */
function moved(scenario: Scenario, afterMs: number, byMs: number): Scenario {
  const move = <T extends { readonly atMs: number }>(item: T): T =>
    item.atMs > afterMs ? { ...item, atMs: item.atMs - byMs } : item;
  const { durationMs } = scenario;
  const faults = withFaults(scenario, listedFaults(scenario).map(move));
  const all =
    scenario.workload?.requests === undefined ? faults : withRequests(faults, listedRequests(faults).map(move));
  return durationMs === undefined ? all : { ...all, durationMs: durationMs - byMs };
}
