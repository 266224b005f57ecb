import { it } from "vitest";
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { MUTANTS } from "../mutants/mutants.js";
import { PatchedBuilds } from "../mutants/patchedBuild.js";
it("lab", () => {
  const builds = new PatchedBuilds();
  const base = { version: 1, nodes: 5, machine: "kv", durationMs: 20_000 };
  const all = ["network", "crash", "disk", "clock", "membership"];
  const tries: [number, object][] = [
    [0, { nodes: 3, raft: { maxAppendEntries: 1 }, faults: { classes: ["crash","network"], intensity: 3 } }],
    [0, { nodes: 5, raft: { maxAppendEntries: 1 }, faults: { classes: ["crash"], intensity: 6 } }],
    [0, { nodes: 5, raft: { maxAppendEntries: 1 }, workload: { ratePerSecond: 40 }, faults: { classes: ["crash","network"], intensity: 5 } }],
    [9, { replica: { segmentBytes: 512, snapshotEveryBytes: 1024 }, workload: { ratePerSecond: 40 }, faults: { classes: ["crash", "disk"], intensity: 3 } }],
    [9, { replica: { segmentBytes: 1024, snapshotEveryBytes: 2048 }, workload: { ratePerSecond: 100 }, faults: { classes: ["crash", "disk"], intensity: 6 } }],
    [10, { faults: { classes: ["crash","network","disk"], intensity: 5 }, workload: { ratePerSecond: 60 } }],
    [10, { faults: { classes: ["network","disk"], intensity: 8 }, workload: { ratePerSecond: 60 } }],
    [12, { nodes: 4, faults: { classes: ["membership","network"], intensity: 5 } }],
    [12, { nodes: 4, raft: {maxAppendEntries: 1}, faults: { classes: ["membership","network","crash"], intensity: 5 } }],
  ];
  for (const [i, extra] of tries) {
    const m = MUTANTS[i]!;
    const folder = builds.build(m);
    copyFileSync("test/mutants/runSeeds.mjs", folder + "/runSeeds.mjs");
    const t = Date.now();
    let out = ""; try { out = execFileSync(process.execPath, ["runSeeds.mjs", JSON.stringify({ ...base, faults: { classes: all }, ...extra }), "150"], { cwd: folder, timeout: 60000 }).toString(); } catch (e) { out = String(e).slice(0,300); }
    console.log(m.rule.slice(0, 40), JSON.stringify(extra), out, Date.now() - t);
  }
  builds.remove();
}, 600_000);
