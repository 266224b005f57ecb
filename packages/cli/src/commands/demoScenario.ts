import type { Scenario } from "@balsa/sim";

/** Seed of the demonstration, when none is asked for. */
export const DEMO_SEED = 7;

/**
 * What `npm start` shows: five nodes serve 1,000 commands while the network loses messages, the leader crashes and
 * loses what its disk had not synced, a partition cuts it off, a sixth node joins, and at last the power fails.
 */
export function demoScenario(seed: number): Scenario {
  return {
    version: 1,
    name: "demonstration",
    seed,
    nodes: 5,
    machine: "kv",
    workload: { commands: 1_000, ratePerSecond: 120 },
    faults: [
      { kind: "loss", atMs: 1_000, durationMs: 1_500, rate: 0.2 },
      { kind: "crash", atMs: 2_000, durationMs: 1_200, node: "leader", unsynced: "lose" },
      { kind: "partition", atMs: 4_500, durationMs: 1_500, side: ["leader", "follower:0"] },
      { kind: "addMember", atMs: 7_000 },
      { kind: "promote", atMs: 8_000 },
      { kind: "clusterCrash", atMs: 9_500, durationMs: 500, unsynced: "lose" },
    ],
  };
}
