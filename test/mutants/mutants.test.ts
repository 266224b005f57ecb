import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mutant } from "./mutant.js";
import { MUTANTS } from "./mutants.js";
import { PatchedBuilds } from "./patchedBuild.js";

const SCENARIO = {
  version: 1,
  nodes: 5,
  machine: "kv",
  durationMs: 20_000,
  faults: { classes: ["network", "crash", "disk", "clock", "membership"] },
};

interface Found {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
}

/** In a process of its own: the patched packages must not meet those that are being tested. */
async function runSeeds(folder: string, scenario: Mutant["scenario"], lastSeed: number): Promise<Found | null> {
  const document = JSON.stringify({ ...SCENARIO, ...scenario });
  const { stdout } = await promisify(execFile)(process.execPath, ["runSeeds.js", document, String(lastSeed)], {
    cwd: folder,
  });
  return JSON.parse(stdout) as Found | null;
}

describe("the simulator notices when a rule is broken:", () => {
  let builds: PatchedBuilds;
  beforeAll(() => {
    builds = new PatchedBuilds();
  });
  afterAll(() => {
    builds.remove();
  });

  it.concurrent.each(MUTANTS)("$rule", async (mutant) => {
    const found = await runSeeds(builds.build(mutant), mutant.scenario, mutant.withinSeeds);
    expect(found, `no violation in seeds 1 to ${mutant.withinSeeds}`).not.toBeNull();
  });

  it.concurrent("and reports nothing while none is", async () => {
    const found = await runSeeds(builds.unbroken, {}, 20);
    expect(found).toBeNull();
  });
});
