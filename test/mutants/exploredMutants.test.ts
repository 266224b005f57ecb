import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exploredScenario, replay, type ExploredScenario, type ExplorationReport, type Replay } from "@balsa/explore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPLORED_MUTANTS } from "./exploredMutants.js";
import { PatchedBuilds } from "./patchedBuild.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

interface Found {
  readonly report: ExplorationReport;
  readonly scenario: ExploredScenario | null;
}

/** In a process of its own: the patched packages must not meet those that are being tested. */
async function inBuild(folder: string, mode: "explore" | "replay", document: object): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["runExploration.js", mode, JSON.stringify(document)],
    { cwd: folder, maxBuffer: 64 * 1_048_576 },
  );
  return JSON.parse(stdout);
}

describe("a search of a small world finds a broken rule:", () => {
  let builds: PatchedBuilds;
  beforeAll(() => {
    builds = new PatchedBuilds(REPOSITORY, { packages: ["core", "explore"], runner: "runExploration.ts" });
  });
  afterAll(() => {
    builds.remove();
  });

  it.each(EXPLORED_MUTANTS)("$rule", async ({ patches, bounds, finds, steps }) => {
    const folder = builds.build(...patches);
    const { report, scenario } = (await inBuild(folder, "explore", bounds)) as Found;
    expect(report.status).toBe("violated");
    expect(report.violation?.rule).toBe(finds);

    const again = (await inBuild(folder, "replay", scenario as ExploredScenario)) as Replay;
    expect(again.stoppedAt).toBeNull();
    expect(again.violation?.rule).toBe(finds);
    expect(again.steps).toHaveLength(steps);

    const unbroken = replay(scenario as ExploredScenario);
    expect(unbroken.violation, "the rule in place, the same schedule breaks nothing").toBeNull();
    expect(exploredScenario(report.bounds, unbroken).explored.found).toBeNull();
  });
});
