import { DEFAULT_OPTIONS } from "@balsa/core";
import { createSimulation, expandScenario, type Scenario, type TimedFault, type TraceEvent } from "@balsa/sim";
import { describe, expect, test } from "vitest";

/** Nobody campaigns before the election timeout, and everybody has by twice that. */
const FIRST_CAMPAIGN_MS = DEFAULT_OPTIONS.electionTimeoutMs;
const LAST_CAMPAIGN_MS = 2 * DEFAULT_OPTIONS.electionTimeoutMs;
const SEEDS = [1, 2, 3, 4, 5];
const PLANS = 20;

function scenario(seed: number): Scenario {
  return {
    version: 1,
    seed,
    nodes: 5,
    machine: "counter",
    durationMs: 60_000,
    faults: { classes: ["network", "crash"] },
  };
}

function crashesOnly(seed: number): Scenario {
  return { ...scenario(seed), workload: { clients: 1, ratePerSecond: 1 }, faults: { classes: ["crash"] } };
}

function durationsOf(kind: TimedFault["kind"]): number[] {
  const seeds = Array.from({ length: PLANS }, (_, i) => i + 1);
  const faults = seeds.flatMap((seed) => expandScenario(scenario(seed)).faults as readonly TimedFault[]);
  return faults.filter((fault) => fault.kind === kind).map((fault) => ("durationMs" in fault ? fault.durationMs : 0));
}

describe("downtimes that never straddle the election timeout prove little (openraft#1736)", () => {
  test.each(["crash", "pause", "partition"] as const)(
    "some of each kind are too short for an election, some about as long as the timeouts, some far longer (%s)",
    (kind) => {
      const durations = durationsOf(kind);
      const share = (fromMs: number, toMs: number): number =>
        durations.filter((each) => each >= fromMs && each < toMs).length / durations.length;
      expect(durations.length).toBeGreaterThan(20);
      expect(share(0, FIRST_CAMPAIGN_MS)).toBeGreaterThan(0.1);
      expect(share(FIRST_CAMPAIGN_MS, LAST_CAMPAIGN_MS)).toBeGreaterThan(0.05);
      expect(share(LAST_CAMPAIGN_MS, Infinity)).toBeGreaterThan(0.2);
    },
  );

  test("leaders that crash come back both before and after another one was elected", () => {
    const returns = { before: 0, after: 0 };
    for (const seed of SEEDS) {
      const leaderDown = new Map<string, { readonly term: number; readonly running: number }>();
      const running = new Set<string>();
      let leader = { node: "", term: 0 };
      const onTrace = (event: TraceEvent): void => {
        if (event.what === "leaderElected") {
          leader = { node: event.node, term: event.term };
        } else if (event.what === "stopped") {
          running.delete(event.node);
          if (leader.node === event.node) leaderDown.set(event.node, { term: leader.term, running: running.size });
        } else if (event.what === "started") {
          running.add(event.node);
          const down = leaderDown.get(event.node);
          leaderDown.delete(event.node);
          // With no majority left there can't be another one, however long it takes.
          if (down !== undefined && down.running >= 3) returns[down.term === leader.term ? "before" : "after"] += 1;
        }
      };
      createSimulation(crashesOnly(seed), { onTrace }).run();
    }
    expect(returns.before).toBeGreaterThan(5);
    expect(returns.after).toBeGreaterThan(5);
  });
});
