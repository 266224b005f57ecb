import { describe, expect, test } from "vitest";
import { Exploration, replay, exploredScenario, type Bounds, type ExplorationReport } from "@balsa/explore";

function explore(bounds: Partial<Bounds>, maxStates = 200_000): ExplorationReport {
  const exploration = new Exploration(bounds, maxStates);
  while (exploration.run(10_000) === "working");
  return exploration.report();
}

const ONE_ELECTION: Partial<Bounds> = { nodes: 3, terms: 1, commands: 0 };

describe("a small world is searched to its end, and every rule holds", () => {
  test.each<[string, Partial<Bounds>, states: number, depth: number]>([
    ["one election among three", ONE_ELECTION, 673, 16],
    ["two elections", { ...ONE_ELECTION, terms: 2 }, 10_617, 24],
    ["one election, one crash that may lose what was not synced", { ...ONE_ELECTION, crashes: 1 }, 11_474, 23],
    ["a sole voter, which is its own quorum", { nodes: 1, terms: 3, commands: 2, crashes: 2 }, 1_692, 15],
  ])("%s", (_, bounds, states, depth) => {
    const report = explore(bounds);
    expect(report.status).toBe("exhausted");
    expect(report.violation).toBeNull();
    expect({ states: report.states, depth: report.depth }).toEqual({ states, depth });
  });

  test.each<[string, Partial<Bounds>]>([
    [
      "changes of the membership",
      { nodes: 2, spares: 1, start: "led", terms: 1, commands: 0, changes: 1, inFlight: 3 },
    ],
    ["snapshots", { nodes: 2, start: "led", terms: 1, commands: 1, compactions: 2, crashes: 1, inFlight: 3 }],
    ["loss, repetition and delay", { ...ONE_ELECTION, drops: 1, duplicates: 1, late: 1, heartbeats: 1, inFlight: 3 }],
    [
      "pre-votes, check-quorum and stickiness",
      { nodes: 2, terms: 1, preVote: true, checkQuorum: true, leaderStickiness: true, inFlight: 3 },
    ],
  ])("with %s", (_, bounds) => {
    const report = explore(bounds);
    expect(report.status).toBe("exhausted");
    expect(report.violation).toBeNull();
    expect(report.states).toBeGreaterThan(500);
  });
});

test("the same world gives the same figures, in whatever slices it is searched", () => {
  const slowly = new Exploration(ONE_ELECTION);
  while (slowly.run(1) === "working");
  expect(slowly.report()).toEqual(explore(ONE_ELECTION));
});

test("without symmetry there are more states, at most as many times as nodes can be put into a row", () => {
  const with_ = explore(ONE_ELECTION);
  const without = explore({ ...ONE_ELECTION, symmetry: false });
  expect(without.status).toBe(with_.status);
  expect(without.depth).toBe(with_.depth);
  expect(without.states).toBe(3_907);
  expect(without.states).toBeLessThanOrEqual(6 * with_.states);
});

test("a search that reaches its bound on states says so", () => {
  const report = explore({ nodes: 3, terms: 3 }, 5_000);
  expect(report.status).toBe("full");
  expect(report.states).toBeGreaterThanOrEqual(5_000);
});

test("steps that would put too many messages on their way are counted", () => {
  expect(explore(ONE_ELECTION).cutSteps).toBe(0);
  expect(explore({ ...ONE_ELECTION, inFlight: 2 }).cutSteps).toBeGreaterThan(0);
});

test("a led world begins with a leader whose no-op all have and know", () => {
  const { steps } = replay(
    exploredScenario({ ...new Exploration({ start: "led" }).bounds }, { steps: [], startSteps: 0, violation: null }),
  );
  const said = steps.flatMap(({ outcome }) => outcome);
  expect(said).toContain("n1: leader in term 2, log [1:1 {n1 n2 n3} 2:2 no-op]");
  for (const node of ["n1", "n2", "n3"]) expect(said.some((line) => line === `${node}: committed up to 2`)).toBe(true);
});
