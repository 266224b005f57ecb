import { describe, expect, it } from "vitest";
import {
  DEMONSTRATION,
  expandScenario,
  ScenarioError,
  scenarioJsonSchema,
  simulate,
  TEACHING_SCENARIOS,
  validateScenario,
  type Scenario,
  type TraceEvent,
} from "@balsa/sim";
import { acceptsBySchema } from "./acceptsBySchema.js";

const GOOD: Scenario = { version: 1, seed: 1, nodes: 3, machine: "kv", durationMs: 1_000 };
const crash = { kind: "crash", atMs: 1, durationMs: 2, node: "leader" };

/** Each with the path that the error must name, and what it must say belongs there. */
const BAD: readonly (readonly [what: string, document: unknown, path: string, expected: string])[] = [
  ["no object", 7, "", "an object"],
  ["no seed", { version: 1, nodes: 3, machine: "kv" }, "seed", "a whole number from 0 to 4294967295"],
  ["another version", { ...GOOD, version: 2 }, "version", "1"],
  ["a fraction of a node", { ...GOOD, nodes: 2.5 }, "nodes", "a whole number from 1 to 9"],
  ["too many nodes", { ...GOOD, nodes: 10 }, "nodes", "a whole number from 1 to 9"],
  ["an unknown machine", { ...GOOD, machine: "queue" }, "machine", 'one of "counter", "kv"'],
  ["an unknown field", { ...GOOD, faultz: [] }, "faultz", "only version"],
  ["an unknown kind of fault", { ...GOOD, faults: [{ ...crash, kind: "crush" }] }, "faults[0].kind", "one of loss"],
  ["a fault without a kind", { ...GOOD, faults: [{ atMs: 1 }] }, "faults[0].kind", "one of loss"],
  [
    "a rate above one",
    { ...GOOD, faults: [crash, { kind: "loss", atMs: 1, durationMs: 1, rate: 2 }] },
    "faults[1].rate",
    "from 0 to 1",
  ],
  ["no such node", { ...GOOD, faults: [{ ...crash, node: "x1" }] }, "faults[0].node", "a node: n1"],
  ["an unknown class", { ...GOOD, faults: { classes: ["weather"] } }, "faults.classes[0]", 'one of "network"'],
  ["faults in words", { ...GOOD, faults: "all" }, "faults", "a list or an object"],
  ["a negative duration", { ...GOOD, durationMs: -1 }, "durationMs", "a number from 0"],
  ["a text for a switch", { ...GOOD, raft: { preVote: "yes" } }, "raft.preVote", "true or false"],
  ["an unknown option", { ...GOOD, raft: { turbo: true } }, "raft.turbo", "only electionTimeoutMs"],
];

function errorOf(document: unknown): ScenarioError {
  try {
    validateScenario(document);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error("the document was accepted");
}

describe("a scenario", () => {
  it("is accepted when it makes sense, and so are all presets", () => {
    for (const good of [GOOD, DEMONSTRATION, ...Object.values(TEACHING_SCENARIOS)]) {
      expect(validateScenario(JSON.parse(JSON.stringify(good)))).toEqual(good);
    }
  });

  it.each(BAD)(
    "is refused with %s: the error names the path and what belongs there",
    (_what, document, path, expected) => {
      const error = errorOf(document);
      expect(error.path).toBe(path);
      expect(error.expected).toContain(expected);
      expect(error.message).toContain(error.found);
    },
  );

  it("is refused where the core refuses an option, or options that don't go together", () => {
    const error = errorOf({ ...GOOD, raft: { electionTimeoutMs: 100 } });
    expect(error.path).toBe("raft.heartbeatIntervalMs");
    expect(error.expected).toContain("at most half of electionTimeoutMs");
  });

  it("needs a kind of command that may come", () => {
    expect(errorOf({ ...GOOD, workload: { mix: { put: 0 } } }).path).toBe("workload.mix");
  });

  it("means the same to the published schema and to the validator", () => {
    const schema = scenarioJsonSchema();
    for (const good of [GOOD, DEMONSTRATION, ...Object.values(TEACHING_SCENARIOS)]) {
      expect(acceptsBySchema(schema, good)).toBe(true);
    }
    for (const [what, document] of BAD) expect(acceptsBySchema(schema, document), what).toBe(false);
  });

  it("has its schema in the file that is published", async () => {
    await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      "../schema/scenario.schema.json",
    );
  });

  it.each([DEMONSTRATION, ...Object.values(TEACHING_SCENARIOS)].map((scenario) => [scenario.name ?? "", scenario]))(
    "%s is published as a file",
    async (name, scenario) => {
      const document = { $schema: "../schema/scenario.schema.json", ...scenario };
      await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(`../scenarios/${name}.json`);
    },
  );

  it("can be expanded into one that lists every fault, and which is a scenario itself", () => {
    const planned: Scenario = { ...GOOD, durationMs: 100_000, faults: { classes: ["network", "crash", "disk"] } };
    const expanded = expandScenario(planned);
    expect(validateScenario(expanded)).toBe(expanded);
    expect(expanded.faults).toEqual(expandScenario(planned).faults);
    expect(expandScenario(expanded)).toBe(expanded);
    const other = expandScenario({ ...planned, seed: 2 });
    expect(other.faults).not.toEqual(expanded.faults);
  });

  it("draws each class of faults for itself, so that leaving one out leaves the others as they were", () => {
    const planned: Scenario = { ...GOOD, durationMs: 60_000, faults: { classes: ["crash", "clock"] } };
    const both = expandScenario(planned).faults as readonly { kind: string }[];
    const clocks = expandScenario({ ...planned, faults: { classes: ["clock"] } }).faults;
    expect(both.filter(({ kind }) => kind.startsWith("clock"))).toEqual(clocks);
  });

  it("draws downtimes on both sides of the election timeout (known-bugs 27)", () => {
    const { faults } = expandScenario({ ...GOOD, durationMs: 600_000, faults: { classes: ["crash"] } });
    const downtimes = (faults as readonly { durationMs: number }[]).map(({ durationMs }) => durationMs);
    expect(downtimes.filter((ms) => ms < 300).length).toBeGreaterThan(10);
    expect(downtimes.filter((ms) => ms >= 300 && ms < 900).length).toBeGreaterThan(10);
    expect(downtimes.filter((ms) => ms >= 900).length).toBeGreaterThan(10);
  });
});

describe("what the documentation says of a scenario comes true", () => {
  it("bridge-node: check-quorum unseats the old leader, and one of the other side takes over", () => {
    const scenario = TEACHING_SCENARIOS["bridge-node"];
    if (scenario === undefined) throw new Error("there is no such scenario");
    const events: TraceEvent[] = [];
    simulate(scenario, { onTrace: (event) => events.push(event) });
    const bridged = events.slice(events.findIndex(({ what }) => what === "faultBegan"));
    const leader = events.find(({ what }) => what === "leaderElected")?.node;
    const unseated = bridged.find((event) => event.node === leader && event.what === "roleChanged");
    if (unseated?.what !== "roleChanged") throw new Error("the old leader stayed");
    expect([unseated.role, unseated.reason]).toEqual(["follower", "a quorum was not heard of for an election timeout"]);
    const next = bridged.find(({ what }) => what === "leaderElected");
    expect(next?.timeMs).toBeGreaterThan(unseated.timeMs);
    expect(next?.timeMs).toBeLessThan(bridged.find(({ what }) => what === "faultEnded")?.timeMs ?? 0);
  });
});

describe("a list of faults", () => {
  it("has its faults counted that could not strike: nobody has the name, or the end comes first", () => {
    const unknown = { kind: "crash", atMs: 500, durationMs: 100, node: "n99" } as const;
    const late = { kind: "pause", atMs: 5_000, durationMs: 100, node: "n1" } as const;
    const real = { ...unknown, node: "n1" } as const;
    expect(simulate({ ...GOOD, faults: [unknown, late, real] }).faultsNotStruck).toBe(2);
    expect(simulate({ ...GOOD, faults: [real] }).faultsNotStruck).toBe(0);
    expect(simulate({ ...GOOD, faults: { classes: ["crash"] } }).faultsNotStruck).toBe(0);
  });
});
