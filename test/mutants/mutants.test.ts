import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.js";
import { PatchedBuilds, patchedSources } from "./patchedBuild.js";
import { UNNOTICED_MUTANTS } from "./rules/unnoticed.js";
import { scenarioFor, startHunt } from "./startHunt.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Found within so many seeds of the swarm, and so cheap enough for every run of the tests; `npm run mutants` hunts all. */
const QUICK: Readonly<Record<string, number>> = {
  "applied-twice": 5,
  "commit-index-falls": 5,
  "not-synced": 5,
  "old-term-committed": 5,
  "promise-before-durable": 5,
  "read-before-applied": 5,
  "term-forgotten": 5,
  "vote-for-shorter-log": 5,
  "vote-forgotten": 5,
};

describe("the simulator notices when a rule is broken:", () => {
  let builds: PatchedBuilds;
  beforeAll(() => {
    builds = new PatchedBuilds(REPOSITORY);
  });
  afterAll(() => {
    builds.remove();
  });

  it.concurrent.each(MUTANTS.filter(({ name }) => Object.hasOwn(QUICK, name)))("$rule", async (mutant) => {
    const lastSeed = QUICK[mutant.name] ?? 0;
    const hunt = { scenario: scenarioFor(mutant), firstSeed: 1, lastSeed, shrinkSeconds: 0 };
    const found = await startHunt(builds.build(mutant), hunt);
    expect(found, `no violation in seeds 1 to ${lastSeed}`).not.toBeNull();
  });

  it.concurrent("and reports nothing while none is", async () => {
    const hunt = { scenario: null, firstSeed: 1, lastSeed: 2, shrinkSeconds: 0 };
    expect(await startHunt(builds.unbroken, hunt)).toBeNull();
  });
});

describe("the mutants", () => {
  const all = [...MUTANTS, ...UNNOTICED_MUTANTS];

  it("have names of their own", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it("are at least 40, each of which says where its rule comes from", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
    for (const { source } of all) expect(source).not.toBe("");
  });

  it.each(all)("$name still applies to the source, and leaves something that parses", (mutant) => {
    for (const text of patchedSources(`${REPOSITORY}/packages`, [mutant]).values()) {
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
      expect(diagnostics).toEqual([]);
    }
  });
});
