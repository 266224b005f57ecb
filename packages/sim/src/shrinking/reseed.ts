import type { Scenario } from "../scenario/scenario.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import { listedFaults, listedRequests, withFaults, withRequests } from "./passes.js";
import type { ShrinkSearch } from "./shrinkSearch.js";

/** Small enough to be read; nothing is bought with further luck beyond that. */
export const FEW_FAULTS = 4;
export const FEW_REQUESTS = 3;
const SEEDS_FOR_THE_LAST = 40;
const SEEDS_AT_FIRST = 6;
const SEEDS_FOR_THE_REST = 10;
const MOST_LONG_COMMANDS = 5;
const LONG_VALUE = 1_500;

/**
 * What single steps can't take away any more because the run hangs on chance: most of the requests or faults go at once,
 * and other seeds may supply the chance. The last ones stay longest, as the violation shows right behind them.
 */
export function trySeeds(search: ShrinkSearch): void {
  keepTheLast(search, listedRequests, withRequests, FEW_REQUESTS, SEEDS_FOR_THE_LAST);
  keepTheLast(search, listedFaults, withFaults, FEW_FAULTS, SEEDS_FOR_THE_LAST);
  for (let size = 2; size <= 4; size *= 2) {
    for (let part = 0; part < size; part += 1) {
      const requests = listedRequests(search.best);
      if (requests.length > FEW_REQUESTS) {
        search.attemptWithSeeds(withRequests(search.best, withoutPart(requests, part, size)), SEEDS_FOR_THE_REST);
      }
      const faults = listedFaults(search.best);
      if (faults.length > FEW_FAULTS) {
        search.attemptWithSeeds(withFaults(search.best, withoutPart(faults, part, size)), SEEDS_FOR_THE_REST);
      }
    }
  }
}

/** Before single requests are looked at: perhaps the last few will do, and what runs with few of them runs fast. */
export function keepTheLastRequests(search: ShrinkSearch): void {
  keepTheLast(search, listedRequests, withRequests, FEW_REQUESTS, SEEDS_AT_FIRST);
}

/** What needs bytes, such as a snapshot, needs fewer commands when these are long. */
export function tryLongCommands(search: ShrinkSearch): void {
  for (let count = 1; count <= MOST_LONG_COMMANDS; count += 1) {
    const requests = listedRequests(search.best);
    if (requests.filter(({ type }) => type !== "read").length <= count || search.isSpent) return;
    const step = requests.length / count;
    const long = Array.from({ length: count }, (_, place): TimedRequest => {
      const { atMs, client } = requests[Math.floor(place * step)] as TimedRequest;
      return { atMs, client, type: "put", key: "k", value: "v".repeat(LONG_VALUE) };
    });
    const { best } = search;
    if (search.attemptWithSeeds(withRequests({ ...best, machine: "kv" }, long), SEEDS_FOR_THE_REST)) return;
  }
}

function keepTheLast<T>(
  search: ShrinkSearch,
  itemsOf: (scenario: Scenario) => readonly T[],
  withItems: (scenario: Scenario, items: readonly T[]) => Scenario,
  few: number,
  seeds: number,
): void {
  for (let count = 0; ; count = Math.max(count + 1, Math.ceil(count * 1.5))) {
    const items = itemsOf(search.best);
    if (items.length <= few || count >= items.length || search.isSpent) return;
    const last = count === 0 ? [] : items.slice(-count);
    if (search.attemptWithSeeds(withItems(search.best, last), count === 0 ? Math.ceil(seeds / 4) : seeds)) return;
  }
}

function withoutPart<T>(items: readonly T[], part: number, of: number): readonly T[] {
  const from = Math.floor((items.length * part) / of);
  const to = Math.floor((items.length * (part + 1)) / of);
  return [...items.slice(0, from), ...items.slice(to)];
}
