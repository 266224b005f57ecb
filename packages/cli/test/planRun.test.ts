import { describe, expect, test } from "vitest";
import type { Scenario } from "@balsa/sim";
import { planRun } from "../src/commands/planRun.js";
import { readFaults, replayCommand } from "../src/commands/simArguments.js";

const drawSeed = (): number => 4711;
const all = { classes: ["network", "crash", "disk", "clock", "membership"] };

describe("without a scenario", () => {
  test("a run has five nodes, kv, all faults, a minute, and a seed that is drawn", () => {
    expect(planRun(null, {}, drawSeed)).toEqual({
      version: 1,
      seed: 4711,
      nodes: 5,
      machine: "kv",
      faults: all,
      durationMs: 60_000,
    });
  });

  test("a run with a number of commands lasts until they are answered", () => {
    const flags = { seed: 1, nodes: 3, commands: 10, machine: "counter", faults: [] } as const;
    expect(planRun(null, flags, drawSeed)).toEqual({
      version: 1,
      seed: 1,
      nodes: 3,
      machine: "counter",
      faults: [],
      workload: { commands: 10 },
    });
  });

  test("a run with both ends at the duration", () => {
    expect(planRun(null, { commands: 10, duration: 500 }, drawSeed)).toMatchObject({
      durationMs: 500,
      workload: { commands: 10 },
    });
  });
});

describe("with a scenario", () => {
  const scenario: Scenario = {
    version: 1,
    seed: 9,
    nodes: 7,
    machine: "kv",
    faults: [{ kind: "bitRot", atMs: 5, node: "n1" }],
    workload: { clients: 2, commands: 50 },
    durationMs: 1_000,
  };

  test("nothing changes where no flag says so", () => {
    expect(planRun(scenario, {}, drawSeed)).toEqual(scenario);
  });

  test("flags stand in place of its fields, and leave the others", () => {
    const flags = { seed: 0, nodes: 3, machine: "counter", commands: 5, faults: ["crash"], duration: 7 } as const;
    expect(planRun(scenario, flags, drawSeed)).toEqual({
      version: 1,
      seed: 0,
      nodes: 3,
      machine: "counter",
      faults: { classes: ["crash"] },
      workload: { clients: 2, commands: 5 },
      durationMs: 7,
    });
  });

  test("with --input the run lasts until the input is done, whatever the scenario says", () => {
    const planned = planRun(scenario, { input: "-" }, drawSeed);
    expect(planned).not.toHaveProperty("durationMs");
    expect(planned.workload).toEqual({ clients: 2 });
  });
});

describe("the command that replays a run", () => {
  test("has the seed that was drawn, and what was asked for", () => {
    expect(replayCommand("balsa", undefined, {}, 4711)).toBe("balsa sim --seed 4711");
    const flags = {
      nodes: 3,
      machine: "kv",
      commands: 9,
      faults: readFaults("disk, crash"),
      duration: 60_000,
    } as const;
    expect(replayCommand("npx balsa", "it's mine.json", flags, 1)).toBe(
      "npx balsa sim 'it'\\''s mine.json' --seed 1 --nodes 3 --machine kv --commands 9 --faults crash,disk --duration 60s",
    );
    expect(replayCommand("balsa", undefined, { duration: 36_000_000 }, 1)).toBe("balsa sim --seed 1 --duration 10h");
    expect(replayCommand("balsa", undefined, { faults: readFaults("all") }, 1)).toBe("balsa sim --seed 1 --faults all");
    expect(replayCommand("balsa", undefined, { faults: readFaults("none") }, 1)).toBe(
      "balsa sim --seed 1 --faults none",
    );
  });

  test("says that standard input must be given again", () => {
    expect(replayCommand("balsa", undefined, { input: "-" }, 1)).toBe(
      "balsa sim --seed 1 --input -   (with the same standard input)",
    );
  });
});
