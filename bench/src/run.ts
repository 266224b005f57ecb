import { parseArgs } from "node:util";
import { benchCatchUp } from "./cluster/catchUp.js";
import { benchCluster, benchRecording } from "./cluster/cluster.js";
import { benchFailover } from "./cluster/failover.js";
import { benchmarkCore } from "./core.js";
import { benchmarkElection } from "./election.js";
import type { Figure } from "./figure.js";
import { benchHosts } from "./hosts/hosts.js";
import { benchmarkLinearizability } from "./linearizability.js";
import { benchmarkRecipes } from "./recipes.js";
import { benchmarkSimulator } from "./simulator.js";
import { benchmarkStorage } from "./storage.js";
import { benchmarkWire } from "./wire.js";

/** In this process, and short. */
const SUITES: Readonly<Record<string, () => Iterable<Figure> | Promise<Iterable<Figure>>>> = {
  core: benchmarkCore,
  election: benchmarkElection,
  wire: benchmarkWire,
  storage: benchmarkStorage,
  simulator: benchmarkSimulator,
  linearizability: benchmarkLinearizability,
  recipes: benchmarkRecipes,
};

/** With processes of their own, and long: they run when they are named. */
const CLUSTER_SUITES: Readonly<Record<string, () => Promise<Iterable<Figure>>>> = {
  cluster: () => benchCluster(seconds),
  recording: () => benchRecording(seconds),
  failover: () => benchFailover(),
  hosts: () => benchHosts(seconds),
  "catch-up": () => benchCatchUp(),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, seconds: { type: "string", default: "9" } },
});
const seconds = Number(values.seconds);
const chosen = positionals.length > 0 ? positionals : Object.keys(SUITES);
for (const name of chosen) {
  const suite = SUITES[name] ?? CLUSTER_SUITES[name];
  if (suite === undefined) {
    const names = [...Object.keys(SUITES), ...Object.keys(CLUSTER_SUITES)].join(", ");
    process.stderr.write(`There is no benchmark ${name}; there are ${names}.\n`);
    process.exit(2);
  }
  for (const figure of await suite()) {
    const text = `${figure.name.padEnd(60)} ${figure.value.toLocaleString("en").padStart(12)} ${figure.unit}`;
    process.stdout.write(`${values.json === true ? JSON.stringify(figure) : text}\n`);
  }
}
