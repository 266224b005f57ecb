import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FAULT_CLASSES, simulate, type Scenario } from "@balsa/sim";
import { median, secondsOf, type Figure } from "./figure.js";

const NODES = 5;
/** Ten of clients' in a simulated second, one in three of them a read past the log. */
const WORKLOAD = { ratePerSecond: 20 / 3, readsPerCommand: 0.5 };
const SEEDS = 7;
const ROUND_MS = 300_000;
const LEAST_SECONDS = 10;
export const HOUR_MS = 3_600_000;
const MIB = 1_048_576;

/** Five nodes, every kind of fault, every check, and ten commands of clients a simulated second. */
export function everyFault(seed: number, durationMs: number): Scenario {
  return {
    version: 1,
    seed,
    nodes: NODES,
    machine: "kv",
    durationMs,
    workload: WORKLOAD,
    faults: { classes: FAULT_CLASSES },
  };
}

/** How fast simulated time passes on one thread, and what an hour of it needs. */
export function* benchmarkSimulator(): Generator<Figure> {
  yield { name: "simulator: simulated seconds a second", value: Math.round(measureSpeed()), unit: "s/s" };
  yield { name: "simulator: peak memory of a simulated hour", value: Math.round(measureMemory()), unit: "MiB" };
}

function measureSpeed(): number {
  run(1, ROUND_MS); // warms up, and does not count
  const rates: number[] = [];
  let spentSeconds = 0;
  for (let seed = 1; seed <= SEEDS || spentSeconds < LEAST_SECONDS; seed += 1) {
    let simulatedMs = 0;
    const seconds = secondsOf(() => {
      simulatedMs = run(seed, ROUND_MS);
    });
    rates.push(simulatedMs / 1_000 / seconds);
    spentSeconds += seconds;
  }
  return median(rates);
}

function run(seed: number, durationMs: number): number {
  const report = simulate(everyFault(seed, durationMs));
  if (!report.ok) throw new Error(`Seed ${String(seed)} did not hold: ${report.violations[0]?.message ?? "?"}`);
  return report.simulatedMs;
}

/** In a process of its own, so that nothing else counts. */
function measureMemory(): number {
  const child = spawnSync(process.execPath, [fileURLToPath(new URL("simulatedHour.js", import.meta.url))], {
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(`The simulated hour failed: ${child.stderr}`);
  return Number(child.stdout) / MIB;
}
