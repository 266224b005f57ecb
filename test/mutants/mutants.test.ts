import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  readonly seed: number | null;
  readonly check: string | null;
  readonly message: string | null;
}

/** In a process of its own: the patched packages must not meet those that are being tested. */
async function runSeeds(folder: string, scenario: Mutant["scenario"], lastSeed: number): Promise<Found> {
  copyFileSync(fileURLToPath(new URL("runSeeds.mjs", import.meta.url)), join(folder, "runSeeds.mjs"));
  const document = JSON.stringify({ ...SCENARIO, ...scenario });
  const { stdout } = await promisify(execFile)(process.execPath, ["runSeeds.mjs", document, String(lastSeed)], { cwd: folder });
  return JSON.parse(stdout) as Found;
}

describe("the simulator notices when a rule is broken:", () => {
  let builds: PatchedBuilds;
  beforeAll(() => {
    builds = new PatchedBuilds();
  });
  afterAll(() => {
    builds.remove();
  });

  it.each(MUTANTS)("$rule", async (mutant) => {
    const found = await runSeeds(builds.build(mutant), mutant.scenario, mutant.withinSeeds);
    expect(found.seed, `no violation in seeds 1 to ${mutant.withinSeeds}`).not.toBeNull();
    if (process.env["BALSA_LOG"] === "debug") console.info(`${mutant.rule}: seed ${found.seed}, ${found.check}: ${found.message}`);
  });

  it("and reports nothing while none is", async () => {
    const found = await runSeeds(builds.unbroken, {}, 20);
    expect(found).toEqual({ seed: null, check: null, message: null });
  });
});
