// Runs seeds FIRST to LAST as `balsa sim --faults all --nodes 5 --duration 60s` does, each of them twice. Prints every seed
// that was violated or whose digests differ, then one digest over all of them, to be compared between machines.
//
// Usage: npm run seeds -- [FIRST LAST] [counter|kv]
import { createHash } from "node:crypto";
import { FAULT_CLASSES, simulate } from "@balsa/sim";

const [first = 1, last = 300] = process.argv.slice(2, 4).map(Number);
const machine = process.argv[4] === "counter" ? "counter" : "kv";
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || last < first) {
  process.stderr.write(
    "seeds: expected two whole numbers, the first seed and the last, as in: npm run seeds -- 1 300\n",
  );
  process.exit(2);
}

const all = createHash("sha256");
let failures = 0;
for (let seed = first; seed <= last; seed += 1) {
  const run = () =>
    simulate({ version: 1, seed, nodes: 5, machine, durationMs: 60_000, faults: { classes: FAULT_CLASSES } });
  const [once, again] = [run(), run()];
  all.update(once.digest);
  const problem = once.ok ? (once.digest === again.digest ? null : "its digests differ") : once.violations[0]?.message;
  if (problem === null) continue;
  failures += 1;
  process.stdout.write(`seed ${seed}: ${String(problem)}\n`);
}
const verdict = failures === 0 ? "all held" : `${failures} did not hold`;
process.stdout.write(
  `seeds ${first} to ${last}, each twice, Node.js ${process.versions.node}: ${verdict}; digest ${all.digest("hex").slice(0, 32)}\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
