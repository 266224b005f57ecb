import { FAULT_COUNT_NAMES, type FaultCounts, type SimulationReport } from "@balsa/sim";

const noFaults = Object.fromEntries(FAULT_COUNT_NAMES.map((name) => [name, 0])) as unknown as FaultCounts;

/** A run of three nodes over ten seconds: n1 leads, crashes at 2 s, n2 takes over; n3 is cut off from 6 to 8 s. */
export function sampleReport(changes: Partial<SimulationReport> = {}): SimulationReport {
  const noLatency = { count: 0, minimumMs: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maximumMs: 0 };
  return {
    ok: true,
    seed: 42,
    digest: "0123456789abcdef0123456789abcdef",
    nodes: 3,
    simulatedMs: 10_000,
    wallMs: 0,
    leaderElections: 2,
    commandsSubmitted: 1_000,
    commandsCommitted: 999,
    messages: { sent: 12_345, delivered: 12_000, dropped: 345, duplicated: 0 },
    faults: { ...noFaults, crashes: 1, partitions: 1 },
    checks: { electionSafety: 5_000, logMatching: 5_000 },
    violations: [],
    linearizable: true,
    finalStates: [
      { id: "n1", role: "follower", term: 2, commitIndex: 1_002, lastApplied: 1_002, machine: 10 },
      { id: "n2", role: "leader", term: 2, commitIndex: 1_002, lastApplied: 1_002, machine: 10 },
      { id: "n3", role: "down", term: 2, commitIndex: 0, lastApplied: 0, machine: null },
    ],
    scenario: { version: 1, seed: 42, nodes: 3, machine: "counter" },
    steps: 54_321,
    faultsEndedMs: 9_000,
    recoveredAfterMs: 120,
    readsAnswered: 500,
    outcomesUnknown: 1,
    commandLatency: { count: 999, minimumMs: 1, meanMs: 2.25, p50Ms: 2, p90Ms: 4, p99Ms: 250.5, maximumMs: 400 },
    readLatency: noLatency,
    injected: [
      { kind: "crash", atMs: 2_000, untilMs: 4_000, nodes: ["n1"], description: "crash of n1" },
      { kind: "partition", atMs: 6_000, untilMs: 8_000, nodes: ["n3"], description: "n3 cut off" },
    ],
    faultsNotStruck: 0,
    timeline: [
      {
        node: "n1",
        segments: [
          { fromMs: 0, untilMs: 1_000, state: "follower", term: 0 },
          { fromMs: 1_000, untilMs: 2_000, state: "leader", term: 1 },
          { fromMs: 2_000, untilMs: 4_000, state: "down", term: 1 },
          { fromMs: 4_000, untilMs: 10_000, state: "follower", term: 2 },
        ],
      },
      {
        node: "n2",
        segments: [
          { fromMs: 0, untilMs: 2_000, state: "follower", term: 1 },
          { fromMs: 2_000, untilMs: 3_000, state: "candidate", term: 2 },
          { fromMs: 3_000, untilMs: 10_000, state: "leader", term: 2 },
        ],
      },
      { node: "n3", segments: [{ fromMs: 0, untilMs: 10_000, state: "follower", term: 2 }] },
    ],
    lanesOmitted: 0,
    inputError: null,
    ...changes,
  };
}
