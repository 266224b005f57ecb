import type { Scenario } from "../scenario/scenario.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import { listedRequests, withRequests } from "./passes.js";
import type { ShrinkSearch } from "./shrinkSearch.js";

/** Takes settings back to their defaults: all of a kind at once, or one by one. */
export function dropSettings(search: ShrinkSearch): void {
  for (const name of ["name", "description", "liveness", "raft", "replica"] as const) {
    const value = search.best[name];
    if (value === undefined || search.attempt(without(search.best, name))) continue;
    if (typeof value === "string") continue;
    for (const option of Object.keys(value)) {
      const group: object = search.best[name] as object; // it was there, and is dropped only as a whole above
      search.attempt({ ...search.best, [name]: without(group as Record<string, unknown>, option) });
    }
  }
  for (const option of ["requestTimeoutMs", "forwardingShare"] as const) {
    const { workload } = search.best;
    if (workload?.[option] !== undefined) search.attempt({ ...search.best, workload: without(workload, option) });
  }
}

function without<T extends object>(record: T, name: keyof T): T {
  // Only optional fields are named.
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== name)) as T;
}

/** One client, one key and round times, where these are enough. */
export function simplifyRequests(search: ShrinkSearch): void {
  const all = (change: (request: TimedRequest, place: number) => TimedRequest): void => {
    const requests = listedRequests(search.best);
    if (requests.length === 0 || search.attempt(withRequests(search.best, requests.map(change)))) return;
    for (let place = 0; place < listedRequests(search.best).length && !search.isSpent; place += 1) {
      const changed = listedRequests(search.best).map((other, at) => (at === place ? change(other, at) : other));
      search.attempt(withRequests(search.best, changed));
    }
  };
  for (const unit of [10, 1]) all((request) => ({ ...request, atMs: Math.round(request.atMs / unit) * unit }));
  all((request) => ({ ...request, client: 1 }));
  all((request) => ("key" in request && request.key !== undefined ? { ...request, key: "k" } : request));
  all((request, place) => {
    if (request.type !== "append" && request.type !== "compareAndSet") return request;
    const { atMs, client, key } = request;
    return { atMs, client, type: "put", key, value: `v${place + 1}` };
  });
  useCounter(search);
}

/** The simplest machine: each command adds 1. */
function useCounter(search: ShrinkSearch): void {
  const { best } = search;
  if (best.machine === "counter" || best.workload?.requests === undefined) return;
  const requests = listedRequests(best).map((request): TimedRequest => {
    const { atMs, client } = request;
    if (request.type !== "read") return { atMs, client, type: "add", amount: 1 };
    return { atMs, client, type: "read", from: request.from, ...(request.lease === true ? { lease: true } : {}) };
  });
  search.attempt(withRequests({ ...(best satisfies Scenario), machine: "counter" }, requests));
}
