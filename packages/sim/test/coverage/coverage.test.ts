import { describe, expect, it } from "vitest";
import {
  CampaignCoverage,
  Coverage,
  drawScenario,
  simulate,
  SITUATIONS,
  TEACHING_SCENARIOS,
  type Scenario,
  type SituationName,
} from "@balsa/sim";

function reachedBy(scenario: Scenario): Coverage {
  const coverage = new Coverage();
  simulate(scenario, { coverage });
  return coverage;
}

/** Small worlds, each made for some situations. */
const SCENES: readonly (readonly [name: string, situations: readonly SituationName[]])[] = [
  ["minority-partition", ["leaderCutOffWithMinority", "leaderMissesQuorum", "logTruncated"]],
  ["bridge-node", ["bridgeNodePartition", "leaderBehindBridge", "leaderMissesQuorum"]],
  ["lost-disk-tail", ["wholeClusterDown", "majorityDown", "leaderBackBeforeElection"]],
  [
    "membership-change",
    ["jointConfigurationEntered", "severalChangesAtOnce", "learnerPromoted", "removedLeaderStepsDown"],
  ],
  ["rotten-log", ["damagedLogFound"]],
];

describe("the watch", () => {
  it.each(SCENES)("notices in %s what it is about", (name, situations) => {
    const coverage = reachedBy(TEACHING_SCENARIOS[name]!);
    for (const situation of situations) expect(coverage.times(situation), situation).toBeGreaterThan(0);
  });

  it("notices nothing of the kind in a world without faults", () => {
    const coverage = reachedBy({ version: 1, seed: 1, nodes: 3, machine: "kv", durationMs: 3_000 });
    for (const situation of SCENES.flatMap(([, situations]) => situations)) {
      // At the end of every run some are broken for good.
      if (situation !== "majorityDown") expect(coverage.times(situation), situation).toBe(0);
    }
  });

  it("changes nothing about a run", () => {
    for (const seed of [1, 2, 3]) {
      const scenario = drawScenario("everything", seed);
      const { digest } = simulate({ ...scenario, durationMs: 3_000 });
      expect(simulate({ ...scenario, durationMs: 3_000 }, { coverage: new Coverage() }).digest).toBe(digest);
    }
  });
});

describe("the coverage of a campaign", () => {
  it("counts how often each situation was reached, and in how many runs", () => {
    const campaign = new CampaignCoverage();
    const coverage = new Coverage();
    coverage.reach("logTruncated");
    coverage.reach("logTruncated");
    campaign.add(coverage.counts);
    campaign.add(new Coverage().counts);
    expect(campaign.seeds).toBe(2);
    expect(campaign.reached).toBe(1);
    expect(campaign.list().find(({ name }) => name === "logTruncated")).toMatchObject({ times: 2, runs: 1 });
  });

  it("misses what was to be reached within as many seeds, and no sooner", () => {
    const campaign = new CampaignCoverage();
    const coverage = new Coverage();
    for (const { name } of SITUATIONS) if (name !== "logTruncated") coverage.reach(name);
    const within = SITUATIONS.find(({ name }) => name === "logTruncated")?.expectedWithinSeeds ?? 0;
    for (let seed = 1; seed < within; seed += 1) campaign.add(coverage.counts);
    expect(campaign.missing()).toEqual([]);
    campaign.add(coverage.counts);
    expect(campaign.missing().map(({ name }) => name)).toEqual(["logTruncated"]);
  });

  it("names 60 situations and more, each with a line of its own", () => {
    expect(SITUATIONS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(SITUATIONS.map(({ description }) => description)).size).toBe(SITUATIONS.length);
    expect(SITUATIONS.filter(({ expectedWithinSeeds }) => expectedWithinSeeds !== null).length).toBeGreaterThanOrEqual(
      60,
    );
  });
});
