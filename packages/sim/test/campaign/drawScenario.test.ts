import { describe, expect, it } from "vitest";
import {
  drawScenario,
  expandScenario,
  FAULT_CLASSES,
  PROFILES,
  simulate,
  validateScenario,
  type Scenario,
  type TimedFault,
} from "@balsa/sim";

const SEEDS = Array.from({ length: 120 }, (_, i) => i + 1);

function listed(scenario: Scenario): readonly TimedFault[] {
  return expandScenario(scenario).faults as readonly TimedFault[]; // an expanded scenario has a list
}

describe("a drawn scenario", () => {
  it.each(PROFILES)("of the profile %s is valid, is the same each time, and survives being written down", (profile) => {
    for (const seed of [0, ...SEEDS, 4_294_967_295]) {
      const scenario = drawScenario(profile, seed);
      expect(validateScenario(JSON.parse(JSON.stringify(scenario)))).toEqual(drawScenario(profile, seed));
      expect(scenario.seed).toBe(seed);
    }
  });

  it.each(PROFILES)("of the profile %s runs, and ends with the proof of liveness", (profile) => {
    const report = simulate({ ...drawScenario(profile, 1), durationMs: 2_000 });
    expect(report.violations).toEqual([]);
    expect(report.recoveredAfterMs).not.toBeNull();
    expect(report.checks["liveness"]).toBe(2);
  });

  it("of the swarm takes each class of faults and each feature in and out", () => {
    const scenarios = SEEDS.map((seed) => drawScenario("swarm", seed));
    for (const name of FAULT_CLASSES) {
      const having = scenarios.filter(
        ({ faults }) => faults !== undefined && "classes" in faults && faults.classes.includes(name),
      );
      expect(having.length, name).toBeGreaterThan(40);
      expect(having.length, name).toBeLessThan(110);
    }
    for (const feature of ["preVote", "checkQuorum", "leaderStickiness", "leaseReads", "maxAppendEntries"] as const) {
      const changed = scenarios.filter(({ raft }) => raft?.[feature] !== undefined);
      expect(changed.length, feature).toBeGreaterThan(10);
      expect(changed.length, feature).toBeLessThan(80);
    }
    expect(new Set(scenarios.map(({ nodes }) => nodes))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it("never switches off what leases rest on", () => {
    const leases = SEEDS.map((seed) => drawScenario("swarm", seed)).filter(({ raft }) => raft?.leaseReads === true);
    expect(leases.every(({ raft }) => raft?.checkQuorum !== false && raft?.leaderStickiness !== false)).toBe(true);
  });

  it("has downtimes on both sides of the election timeout", () => {
    for (const profile of ["gentle", "usual", "everything", "swarm"] as const) {
      let [shorter, longer] = [0, 0];
      for (const seed of SEEDS.slice(0, 50)) {
        const scenario = drawScenario(profile, seed);
        const timeoutMs = scenario.raft?.electionTimeoutMs ?? 300;
        for (const fault of listed(scenario)) {
          if (fault.kind !== "crash") continue;
          if (fault.durationMs < timeoutMs) shorter += 1;
          if (fault.durationMs > 3 * timeoutMs) longer += 1;
        }
      }
      expect(shorter, profile).toBeGreaterThan(10);
      expect(longer, profile).toBeGreaterThan(10);
    }
  });
});

describe("a plan of faults", () => {
  const base: Scenario = { version: 1, seed: 3, nodes: 5, machine: "kv", durationMs: 120_000 };
  const all = listed({ ...base, faults: { classes: FAULT_CLASSES } });

  it("loses a kind whose share is 0, and nothing else", () => {
    const without = listed({ ...base, faults: { classes: FAULT_CLASSES, shares: { pause: 0 } } });
    expect(without).toEqual(all.filter(({ kind }) => kind !== "pause"));
    expect(without.length).toBeLessThan(all.length);
  });

  it("keeps a part of a kind whose share lies between", () => {
    const kept = listed({ ...base, faults: { classes: FAULT_CLASSES, shares: { partition: 0.5 } } });
    const count = (faults: readonly TimedFault[]): number => faults.filter(({ kind }) => kind === "partition").length;
    expect(count(kept)).toBeGreaterThan(0);
    expect(count(kept)).toBeLessThan(count(all));
  });

  it("strikes as often as its class is told to, and the others as before", () => {
    const faults = listed({ ...base, faults: { classes: FAULT_CLASSES, intensities: { clock: 4 } } });
    const isClock = ({ kind }: TimedFault): boolean => kind.startsWith("clock");
    expect(faults.filter((fault) => !isClock(fault))).toEqual(all.filter((fault) => !isClock(fault)));
    expect(faults.filter(isClock).length).toBeGreaterThan(2 * all.filter(isClock).length);
  });
});
