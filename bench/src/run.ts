import { parseArgs } from "node:util";
import { benchmarkCore } from "./core.js";
import type { Figure } from "./figure.js";
import { benchmarkSimulator } from "./simulator.js";
import { benchmarkStorage } from "./storage.js";
import { benchmarkWire } from "./wire.js";

const SUITES: Readonly<Record<string, () => Iterable<Figure>>> = {
  core: benchmarkCore,
  wire: benchmarkWire,
  storage: benchmarkStorage,
  simulator: benchmarkSimulator,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" } } });
const chosen = positionals.length > 0 ? positionals : Object.keys(SUITES);
for (const name of chosen) {
  const suite = SUITES[name];
  if (suite === undefined) {
    process.stderr.write(`There is no benchmark ${name}; there are ${Object.keys(SUITES).join(", ")}.\n`);
    process.exit(2);
  }
  for (const figure of suite()) {
    const text = `${figure.name.padEnd(60)} ${figure.value.toLocaleString("en").padStart(12)} ${figure.unit}`;
    process.stdout.write(`${values.json === true ? JSON.stringify(figure) : text}\n`);
  }
}
