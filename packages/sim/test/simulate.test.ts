import { describe, expect, it } from "vitest";
import {
  createSimulation,
  DEMONSTRATION,
  expandScenario,
  ScenarioError,
  simulate,
  TEACHING_SCENARIOS,
  type FaultCountName,
  type NextCommand,
  type Scenario,
  type SimulationReport,
  type TimedFault,
  type TraceEvent,
  type WorkloadCommand,
} from "@balsa/sim";

const ALL: Scenario = {
  version: 1,
  seed: 5,
  nodes: 5,
  machine: "kv",
  durationMs: 20_000,
  faults: { classes: ["network", "crash", "disk", "clock", "membership"] },
};

function held(report: SimulationReport): void {
  expect(report.violations).toEqual([]);
  expect(report.linearizable).toBe(true);
  expect(report.ok).toBe(true);
}

describe("one seed is one history", () => {
  it("the same scenario gives the same digest and the same report, another seed another one", () => {
    const first = simulate(ALL);
    held(first);
    expect(simulate(ALL)).toEqual(first);
    expect(simulate({ ...ALL, seed: 6 }).digest).not.toBe(first.digest);
  });

  it("it does not matter who watches, nor in what slices the run goes on", () => {
    const events: TraceEvent[] = [];
    const watched = createSimulation(ALL, { onTrace: (event) => events.push(event) });
    while (watched.run({ maxSteps: 777 }) === "running");
    expect(watched.report()).toEqual(simulate(ALL));
    expect(events.length).toBeGreaterThan(1_000);
    expect(events.every(({ step }, i) => i === 0 || step >= (events[i - 1]?.step ?? 0))).toBe(true);
  });

  it("a plan of faults and the same faults listed one by one run alike", () => {
    expect(simulate(expandScenario(ALL)).digest).toBe(simulate(ALL).digest);
  });

  it("a run can be taken up to a time and on from there", () => {
    const simulation = createSimulation(ALL);
    expect(simulation.run({ untilMs: 5_000 })).toBe("running");
    expect(simulation.timeMs).toBeLessThanOrEqual(5_000);
    expect(simulation.phase).toBe("faults");
    expect(simulation.run()).toBe("done");
    expect(simulation.report().digest).toBe(simulate(ALL).digest);
  });
});

describe("a run without faults", () => {
  it("ends with every node's counter at the number of commands", () => {
    const report = simulate({ version: 1, seed: 1, nodes: 3, machine: "counter", workload: { commands: 10 } });
    held(report);
    expect(report.commandsSubmitted).toBe(10);
    expect(report.commandsCommitted).toBe(10);
    expect(report.finalStates.map(({ machine }) => machine)).toEqual([10, 10, 10]);
    expect(report.leaderElections).toBe(1);
    expect(report.recoveredAfterMs).not.toBeNull();
  });

  it("holds with one node alone, and with nine", () => {
    for (const nodes of [1, 9]) held(simulate({ version: 1, seed: 2, nodes, machine: "kv", durationMs: 3_000 }));
  });

  it("must have an end", () => {
    expect(() => simulate({ version: 1, seed: 1, nodes: 3, machine: "kv" })).toThrow(ScenarioError);
  });
});

describe("faults", () => {
  const expectations: readonly (readonly [classes: string, names: readonly FaultCountName[]])[] = [
    [
      "network",
      [
        "partitions",
        "oneWayPartitions",
        "bridges",
        "slowLinks",
        "lossyNetworks",
        "duplicatingNetworks",
        "reorderingNetworks",
      ],
    ],
    ["crash", ["crashes", "clusterCrashes", "pauses"]],
    ["disk", ["lostWrites", "diskErrors", "fullDisks", "slowDisks", "diskStalls", "bitRot"]],
    ["clock", ["clockSkews", "clockDrifts"]],
    [
      "membership",
      ["membersAdded", "membersRemoved", "membersPromoted", "membersDemoted", "membersReplaced", "leadershipTransfers"],
    ],
  ];

  it.each(expectations)("of the class %s all strike: %j", (name, counts) => {
    const scenario = { ...ALL, faults: { classes: [name], intensity: 3 }, durationMs: 120_000 } as Scenario;
    const report = simulate(scenario);
    held(report);
    for (const count of counts) expect(report.faults[count], count).toBeGreaterThan(0);
    expect(report.injected.length).toBeGreaterThan(20);
  });

  it("are noticed: lost messages are dropped, copies counted, and a crashed leader costs an election", () => {
    const quiet = simulate({ ...ALL, faults: [] });
    expect(quiet.messages.duplicated).toBe(0);
    const events: TraceEvent[] = [];
    const faults: readonly TimedFault[] = [
      { kind: "loss", atMs: 1_000, durationMs: 5_000, rate: 0.1 },
      { kind: "duplication", atMs: 1_000, durationMs: 5_000, rate: 0.1 },
      { kind: "crash", atMs: 8_000, durationMs: 3_000, node: "leader" },
    ];
    const loud = simulate({ ...ALL, faults }, { onTrace: (event) => events.push(event) });
    held(loud);
    expect(loud.messages.dropped).toBeGreaterThan(quiet.messages.dropped + 100);
    expect(loud.messages.duplicated).toBeGreaterThan(10);
    const elected = events.filter((event) => event.what === "leaderElected").map(({ timeMs }) => timeMs);
    expect(elected.some((timeMs) => timeMs > 8_000 && timeMs < 11_000)).toBe(true);
    expect(loud.timeline.some(({ segments }) => segments.some(({ state }) => state === "down"))).toBe(true);
  });

  it("never damage so many disks that a majority is gone for good", () => {
    const rot = { kind: "bitRot", node: "leader" } as const;
    const faults = Array.from({ length: 10 }, (_, i) => ({ ...rot, atMs: 8_000 + i * 1_000 }));
    const report = simulate({ ...ALL, faults, workload: { ratePerSecond: 40 } });
    held(report);
    expect(report.faults.bitRot).toBe(2);
    expect(report.finalStates.filter(({ role }) => role === "down")).toHaveLength(2);
  });

  it("may also strike without a set end, as long as there are commands to answer", () => {
    const { durationMs: _none, ...endless } = ALL;
    const report = simulate({ ...endless, workload: { commands: 300 } });
    held(report);
    expect(report.commandsCommitted + report.outcomesUnknown).toBe(300);
  });
});

describe("checks at the end", () => {
  it("find a cluster that does not serve in time", () => {
    const report = simulate({
      ...ALL,
      faults: [{ kind: "clusterCrash", atMs: 3_000, durationMs: 60_000 }],
      durationMs: 5_000,
      liveness: { serveWithinMs: 20 },
    });
    expect(report.ok).toBe(false);
    expect(report.violations[0]).toMatchObject({ check: "liveness", node: "world", timeMs: 5_020 });
    expect(report.recoveredAfterMs).toBeNull();
  });

  it("leave no more than a minority broken, and the rest serves", () => {
    const events: TraceEvent[] = [];
    held(simulate({ ...ALL, faults: [] }, { onTrace: (event) => events.push(event) }));
    const from = events.findIndex((event) => event.what === "phase" && event.phase === "liveness");
    const until = events.findIndex((event) => event.what === "phase" && event.phase === "recovery");
    expect(from).toBeGreaterThan(0);
    expect(until).toBeGreaterThan(from);
  });
});

describe("a long run with members that come and go", () => {
  it("tells at its end of those that are there, and draws at most 16 lanes", () => {
    const report = simulate({ ...ALL, durationMs: 240_000, faults: { classes: ["membership"], intensity: 2 } });
    held(report);
    expect(report.faults.membersAdded + report.nodes).toBeGreaterThan(16);
    expect(report.lanesOmitted).toBeGreaterThan(0);
    expect(report.timeline.length).toBeLessThanOrEqual(16);
    expect(report.finalStates.length).toBeLessThan(16);
    const lanes = report.timeline.map(({ node }) => node);
    for (const { id } of report.finalStates) expect(lanes).toContain(id);
    for (const { description } of report.injected) expect(description).toMatch(/\bn\d/);
  });
});

describe("commands from outside", () => {
  function listed(commands: readonly WorkloadCommand[], waitEvery = 0): () => NextCommand {
    let next = 0;
    let asked = 0;
    return () => {
      asked += 1;
      if (waitEvery > 0 && asked % waitEvery === 0) return "wait";
      const command = commands[next];
      next += 1;
      return command === undefined ? "end" : { command };
    };
  }

  const adds = Array.from({ length: 4_000 }, (_, i): WorkloadCommand => ({ type: "add", amount: i }));
  const faulty: Scenario = {
    version: 1,
    seed: 3,
    nodes: 5,
    machine: "counter",
    faults: [
      { kind: "loss", atMs: 0, durationMs: 10_000, rate: 0.2 },
      { kind: "duplication", atMs: 0, durationMs: 10_000, rate: 0.2 },
      { kind: "reordering", atMs: 0, durationMs: 10_000, rate: 0.2 },
      { kind: "crash", atMs: 600, durationMs: 500, node: "leader", unsynced: "lose" },
      { kind: "clusterCrash", atMs: 1_500, durationMs: 200, unsynced: "lose" },
      { kind: "partition", atMs: 2_200, durationMs: 600, side: ["leader"] },
    ],
  };

  it("are applied in their order, each exactly once, whatever strikes", () => {
    const report = simulate(faulty, { commands: { next: listed(adds) } });
    held(report);
    expect(report.faults).toMatchObject({ crashes: 1, clusterCrashes: 1, partitions: 1 });
    expect(report.commandsCommitted).toBe(4_000);
    const up = report.finalStates.filter(({ role }) => role === "leader");
    expect(up.map(({ machine }) => machine)).toEqual([(3_999 * 4_000) / 2]);
  });

  it("may come haltingly: time stands still meanwhile, so the run is the same", () => {
    const simulation = createSimulation(faulty, { commands: { next: listed(adds, 3) } });
    let waits = 0;
    for (let state = simulation.run(); state !== "done"; state = simulation.run()) {
      if (state === "needsInput") waits += 1;
    }
    expect(waits).toBeGreaterThan(50);
    expect(simulation.report().digest).toBe(simulate(faulty, { commands: { next: listed(adds) } }).digest);
  });

  it("may break off: what came before is committed, and the report says why it ended", () => {
    const source = listed(adds.slice(0, 10));
    const next = (): NextCommand => {
      const command = source();
      return command === "end" ? { error: "line 11: what is this?" } : command;
    };
    const report = simulate({ ...faulty, faults: [] }, { commands: { next } });
    expect(report.commandsCommitted).toBe(10);
    expect(report.inputError).toBe("line 11: what is this?");
    expect(report.violations).toEqual([]);
    expect(report.ok).toBe(false);
  });
});

describe("presets", () => {
  it("the demonstration shows all that it says, and holds", () => {
    const report = simulate(DEMONSTRATION);
    held(report);
    expect(report.commandsCommitted).toBe(1_000);
    expect(report.leaderElections).toBeGreaterThan(2);
    expect(report.faults).toMatchObject({
      crashes: 1,
      clusterCrashes: 1,
      partitions: 1,
      lossyNetworks: 1,
      membersAdded: 1,
    });
    expect(report.injected).toHaveLength(6);
    expect(report.finalStates.map(({ id }) => id)).toEqual(["n1", "n2", "n3", "n4", "n5", "n6"]);
    expect(new Set(report.finalStates.map(({ machine }) => JSON.stringify(machine))).size).toBe(1);
  });

  it.each(Object.entries(TEACHING_SCENARIOS))("%s holds", (_name, scenario) => {
    held(simulate(scenario));
  });
});

describe("liveness is asked of no cluster that has lost more than it can do without:", () => {
  it("a node whose log rots just before the faults end counts as lost, though it finds out only when it has started", () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const { violations, faults } = simulate({
        version: 1,
        seed,
        nodes: 3,
        machine: "counter",
        workload: { ratePerSecond: 200 },
        faults: [{ kind: "bitRot", atMs: 1_500, node: "voter:2" }],
        durationMs: 1_500.1,
      });
      expect([violations, faults.bitRot]).toEqual([[], 1]);
    }
  });
});
