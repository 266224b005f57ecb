import { isTimedFaults } from "../faults/expandScenario.js";
import type { Scenario } from "../scenario/scenario.js";
import type { TimedFault } from "../scenario/timedFault.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import { DEFAULT_RATE_PER_SECOND } from "../workload/workloadClient.js";
import type { ShrinkSearch } from "./shrinkSearch.js";
import { thinOut } from "./thinOut.js";

/** Tried where a change moves what is left to chance, such as the number of nodes. */
const SEEDS_FOR_NODES = 12;
const SEEDS_FOR_LESS = 6;

export function listedFaults(scenario: Scenario): readonly TimedFault[] {
  const { faults = [] } = scenario;
  return isTimedFaults(faults) ? faults : [];
}

export function listedRequests(scenario: Scenario): readonly TimedRequest[] {
  return scenario.workload?.requests ?? [];
}

export function withFaults(scenario: Scenario, faults: readonly TimedFault[]): Scenario {
  return { ...scenario, faults };
}

export function withRequests(scenario: Scenario, requests: readonly TimedRequest[]): Scenario {
  return { ...scenario, workload: { ...scenario.workload, requests } };
}

export function thinOutFaults(search: ShrinkSearch): void {
  thinOut(listedFaults(search.best), (faults) => search.attempt(withFaults(search.best, faults)));
}

export function thinOutRequests(search: ShrinkSearch): void {
  if (search.best.workload?.requests === undefined) return;
  thinOut(listedRequests(search.best), (requests) => search.attempt(withRequests(search.best, requests)));
}

/** Writes down what was drawn, which changes nothing about the run. */
export function listRequests(search: ShrinkSearch): void {
  if (search.best.workload?.requests !== undefined) return;
  const requests: TimedRequest[] = [];
  const { best } = search;
  search.runAgain({ onRequest: (request) => requests.push(request) });
  const { requestTimeoutMs, forwardingShare } = best.workload ?? {};
  const workload = {
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(forwardingShare === undefined ? {} : { forwardingShare }),
    requests,
  };
  search.attempt({ ...search.best, workload });
}

/** As few nodes as will do. Fewer nodes mean other links and so other luck. */
export function dropNodes(search: ShrinkSearch): void {
  for (let nodes = 1; nodes < search.best.nodes; nodes += 1) {
    if (search.attemptWithSeeds({ ...search.best, nodes }, SEEDS_FOR_NODES)) return;
  }
}

/** Where the violation shows only at the end: how early that end may be. */
export function cutDuration(search: ShrinkSearch): void {
  for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) {
    const { durationMs } = search.best;
    if (durationMs === undefined || search.isEarly) return;
    if (search.attempt(endingAt(search.best, Math.ceil(durationMs * part)))) return cutDuration(search);
  }
}

/** A part of the time, and of what clients ask for while it is still drawn: all that follows takes as much less. */
export function makeCheap(search: ShrinkSearch): void {
  for (const part of [0.1, 0.25, 0.5]) {
    const { durationMs } = search.best;
    if (durationMs === undefined) break;
    if (search.attemptWithSeeds(endingAt(search.best, Math.ceil(durationMs * part)), SEEDS_FOR_LESS)) break;
  }
  for (const part of [0.05, 0.2, 0.5]) {
    const { workload } = search.best;
    if (workload?.requests !== undefined) return;
    const ratePerSecond = Math.max(1, (workload?.ratePerSecond ?? DEFAULT_RATE_PER_SECOND) * part);
    if (search.attemptWithSeeds({ ...search.best, workload: { ...workload, ratePerSecond } }, SEEDS_FOR_LESS)) return;
  }
}

function endingAt(scenario: Scenario, durationMs: number): Scenario {
  const isBefore = ({ atMs }: { readonly atMs: number }): boolean => atMs < durationMs;
  const cut = { ...scenario, durationMs };
  const fewer = isTimedFaults(scenario.faults ?? []) ? withFaults(cut, listedFaults(cut).filter(isBefore)) : cut;
  return fewer.workload?.requests === undefined ? fewer : withRequests(fewer, listedRequests(fewer).filter(isBefore));
}
