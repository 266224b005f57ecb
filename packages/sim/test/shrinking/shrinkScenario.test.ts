import { describe, expect, it } from "vitest";
import {
  FAULT_CLASSES,
  NotFailingError,
  shrinkScenario,
  simulate,
  validateScenario,
  type Scenario,
  type ShrinkProgress,
  type TimedFault,
  type TimedRequest,
  type TraceEvent,
} from "@balsa/sim";

/** Nobody can be served as soon as that, so that every such run fails, whatever else is in it. */
const IMPATIENT: Scenario = {
  version: 1,
  name: "impatient",
  seed: 3,
  nodes: 5,
  machine: "kv",
  raft: { maxAppendEntries: 8 },
  workload: { commands: 20, ratePerSecond: 20 },
  faults: { classes: FAULT_CLASSES },
  liveness: { serveWithinMs: 1 },
  durationMs: 3_000,
};

/** The leader's clock runs at half its speed, far beyond what leases bear, and it is cut off: its lease outlives it. */
const DRIFT: TimedFault = { kind: "clockDrift", atMs: 800, durationMs: 9_000, node: "leader", rate: 0.5 };
const CUT_OFF: TimedFault = { kind: "partition", atMs: 1_500, durationMs: 1_000, side: ["leader"] };
const OUTLIVED_LEASE: Scenario = {
  version: 1,
  seed: 4,
  nodes: 3,
  machine: "kv",
  raft: { leaseReads: true },
  workload: { clients: 10, ratePerSecond: 60, readsPerCommand: 4 },
  faults: [
    { kind: "loss", atMs: 0, durationMs: 4_000, rate: 0.01 },
    { kind: "pause", atMs: 500, durationMs: 50, node: "follower:0" },
    DRIFT,
    { kind: "slowDisk", atMs: 900, durationMs: 500, node: "follower:1", syncMs: 5 },
    CUT_OFF,
    { kind: "duplication", atMs: 2_000, durationMs: 500, rate: 0.1 },
    { kind: "crash", atMs: 3_300, durationMs: 300, node: "follower:0" },
  ],
  durationMs: 4_000,
};

describe("shrinking a failing scenario", () => {
  it("takes out all that the violation doesn't need, and keeps what it needs", () => {
    const { scenario, violation, size, isMinimal } = shrinkScenario(IMPATIENT, "liveness");
    expect(violation.check).toBe("liveness");
    expect(size).toMatchObject({ faults: 0, nodes: 1, commands: 0, reads: 0 });
    expect(size.durationMs).toBeLessThan(300);
    expect(scenario).toMatchObject({ liveness: { serveWithinMs: 1 } });
    expect(scenario.raft).toBeUndefined();
    expect(scenario.name).toBeUndefined();
    expect(isMinimal).toBe(true);
  });

  it("ends in a document that makes sense and replays to the same violation", () => {
    const progress: ShrinkProgress[] = [];
    const { scenario, violation, size, runs } = shrinkScenario(OUTLIVED_LEASE, "leaseSafety", {
      maxRuns: 25,
      onProgress: (step) => progress.push(step),
    });
    const document: unknown = JSON.parse(JSON.stringify(scenario));
    expect(simulate(validateScenario(document)).violations).toEqual([violation]);
    expect(violation.check).toBe("leaseSafety");
    const kinds = (scenario.faults as readonly TimedFault[]).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["clockDrift", "partition"]));
    expect(kinds.length).toBeLessThan(7);
    expect(size.durationMs).toBeLessThan(violation.timeMs + 1.001);
    expect(runs).toBeLessThanOrEqual(27);
    expect(progress.at(-1)?.size.faults).toBe(size.faults);
  });

  it("drops no setting that another one needs", () => {
    // The default interval of heartbeats is too long for so short an election timeout, so only both together could go.
    const raft = { electionTimeoutMs: 100, heartbeatIntervalMs: 20, maxAppendEntries: 8 };
    const { scenario } = shrinkScenario({ ...IMPATIENT, raft, liveness: { serveWithinMs: 1 } }, "liveness", {
      maxRuns: 200,
    });
    expect(() => validateScenario(scenario)).not.toThrow();
  });

  it("ends with the best so far when the caller says so", () => {
    let asked = 0;
    const { scenario, isMinimal } = shrinkScenario(IMPATIENT, "liveness", {
      shouldStop: () => {
        asked += 1;
        return asked > 10;
      },
    });
    expect(isMinimal).toBe(false);
    expect(simulate(scenario).violations[0]?.check).toBe("liveness");
  });

  it("gives the same result every time", () => {
    const once = shrinkScenario(IMPATIENT, "liveness", { maxRuns: 30 });
    expect(shrinkScenario(IMPATIENT, "liveness", { maxRuns: 30 })).toEqual(once);
  });

  it("is refused where the scenario does not fail, or fails another check", () => {
    const fine: Scenario = { version: 1, seed: 1, nodes: 1, machine: "counter", durationMs: 100 };
    expect(() => shrinkScenario(fine, "liveness")).toThrow(NotFailingError);
    expect(() => shrinkScenario(IMPATIENT, "electionSafety")).toThrow(/liveness is violated/);
  });
});

describe("a workload that lists its requests", () => {
  it("runs exactly as the drawn one that it was taken from", () => {
    const drawn: Scenario = {
      version: 1,
      seed: 5,
      nodes: 3,
      machine: "kv",
      raft: { leaseReads: true },
      workload: { ratePerSecond: 30, readsPerCommand: 1 },
      faults: { classes: ["network", "crash"] },
      durationMs: 5_000,
    };
    const requests: TimedRequest[] = [];
    const traces: object[][] = [[], []];
    const onTrace =
      (run: number) =>
      ({ step: _step, ...event }: TraceEvent): void => {
        // Clients that draw still wake up once when all is over, so that steps are counted otherwise from there on.
        traces[run]?.push(event);
      };
    simulate(drawn, { onTrace: onTrace(0), onRequest: (request) => requests.push(request) });
    simulate({ ...drawn, workload: { requests } }, { onTrace: onTrace(1) });
    expect(requests.length).toBeGreaterThan(100);
    expect(traces[1]).toEqual(traces[0]);
  });

  it("runs until all is answered where no duration is given", () => {
    const requests: TimedRequest[] = [
      { atMs: 1_000, client: 1, type: "add", amount: 2 },
      { atMs: 1_500, client: 2, type: "read", from: "leader" },
    ];
    const { commandsCommitted, readsAnswered, ok, finalStates } = simulate({
      version: 1,
      seed: 1,
      nodes: 3,
      machine: "counter",
      workload: { requests },
    });
    expect([ok, commandsCommitted, readsAnswered]).toEqual([true, 1, 1]);
    expect(finalStates.map(({ machine }) => machine)).toEqual([2, 2, 2]);
  });

  it.each<[what: string, workload: object, path: string]>([
    ["what draws requests", { requests: [], clients: 3 }, "workload.clients"],
    [
      "a command of another machine",
      { requests: [{ atMs: 1, client: 1, type: "add", amount: 1 }] },
      "workload.requests[0]",
    ],
    ["a read without a key", { requests: [{ atMs: 1, client: 1, type: "read", from: "n1" }] }, "workload.requests[0]"],
    ["client 0", { requests: [{ atMs: 1, client: 0, type: "get", key: "k" }] }, "workload.requests[0].client"],
  ])("can't have %s in it", (_what, workload, path) => {
    const document = { version: 1, seed: 1, nodes: 1, machine: "kv", durationMs: 10, workload };
    expect(() => validateScenario(document)).toThrow(expect.objectContaining({ path }));
  });
});
