import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, type Figure } from "../figure.js";
import type { Load, LoadResult } from "./loadClient.js";
import { etcdVersion, startBalsa, startEtcd, type System } from "./systems.js";

const CLIENT = fileURLToPath(new URL("./loadClient.js", import.meta.url));
const ROUNDS = 3;

const LOADS: readonly Pick<Load, "operation" | "inFlight">[] = [
  { operation: "write", inFlight: 1 },
  { operation: "write", inFlight: 100 },
  { operation: "write", inFlight: 1_000 },
  { operation: "read", inFlight: 1 },
  { operation: "read", inFlight: 100 },
];

/** Three processes on this machine, every write durable on a majority; beside etcd, where that is installed. */
export async function benchCluster(seconds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "balsa-bench-"));
  const systems: System[] = [];
  try {
    systems.push(await startBalsa(folder));
    const version = etcdVersion();
    if (version === null)
      process.stderr.write("etcd is not installed (Debian: etcd-server), so there is nothing to compare with.\n");
    else systems.push(await startEtcd(folder));
    for (const system of systems) await warmUp(system);
    const figures: Figure[] = [];
    for (const load of LOADS) figures.push(...(await measure(load, systems, seconds)));
    return figures;
  } finally {
    await Promise.all(systems.map((system) => system.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same cluster with one member, and with all, recording what they are given (`--record`), beside one that does not. */
export async function benchRecording(seconds: number): Promise<Figure[]> {
  const folders = [1, 3, 0].map((recording) =>
    mkdtempSync(join(tmpdir(), `balsa-bench-recording-${String(recording)}-`)),
  );
  const systems: System[] = [];
  try {
    for (const [i, recording] of [1, 3, 0].entries()) systems.push(await startBalsa(folders[i]!, { recording }));
    for (const system of systems) await warmUp(system);
    const figures: Figure[] = [];
    for (const load of LOADS.filter(({ operation }) => operation === "write")) {
      figures.push(...(await measure(load, systems, seconds)));
    }
    return figures;
  } finally {
    await Promise.all(systems.map((system) => system.stop()));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Files are reserved, code is compiled, and the disk is quiet again. */
async function warmUp(system: System): Promise<void> {
  await runClient({
    operation: "write",
    inFlight: 100,
    system: system.kind,
    endpoints: system.endpoints,
    warmUpMs: 0,
    measureMs: 2_000,
  });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
}

/** Runs the systems in turn, so that what else the machine does befalls all of them. */
async function measure(load: (typeof LOADS)[number], systems: readonly System[], seconds: number): Promise<Figure[]> {
  const results = new Map<System, LoadResult[]>();
  const memory = new Map<System, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const system of systems) {
      // Whoever is not measured stands still.
      await Promise.all(
        systems.filter((other) => other !== system).flatMap(({ servers }) => servers.map((s) => s.signal("SIGSTOP"))),
      );
      const result = await runClient({
        ...load,
        system: system.kind,
        endpoints: system.endpoints,
        warmUpMs: 500,
        measureMs: (seconds * 1_000) / ROUNDS,
      });
      results.set(system, [...(results.get(system) ?? []), result]);
      memory.set(system, Math.max(memory.get(system) ?? 0, ...system.servers.map((server) => server.residentMiB())));
      await Promise.all(
        systems.filter((other) => other !== system).flatMap(({ servers }) => servers.map((s) => s.signal("SIGCONT"))),
      );
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  }
  const name = `${load.operation}s, ${String(load.inFlight)} in flight`;
  const medians = systems.map((system) => ({ system, ...medianOf(results.get(system) ?? []) }));
  const figures: Figure[] = medians.flatMap(({ system, perSecond, p50Ms, p99Ms, clientCpu }) => [
    { name: `${system.name}: ${name}`, value: rounded(perSecond), unit: "/s" },
    { name: `${system.name}: ${name}, p50`, value: rounded(p50Ms), unit: "ms" },
    { name: `${system.name}: ${name}, p99`, value: rounded(p99Ms), unit: "ms" },
    { name: `${system.name}: ${name}, client's use of a core`, value: rounded(clientCpu), unit: "cores" },
    {
      name: `${system.name}: ${name}, resident memory of the largest node`,
      value: rounded(memory.get(system) ?? 0),
      unit: "MiB",
    },
  ]);
  // Each beside the last.
  const reference = medians.pop() as (typeof medians)[number]; // there is one at least
  for (const { system, perSecond, p50Ms } of medians) {
    const both = `${system.name}/${reference.system.name}: ${name}`;
    figures.push({ name: `${both}, throughput`, value: rounded(perSecond / reference.perSecond), unit: "×" });
    figures.push({ name: `${both}, p50`, value: rounded(p50Ms / reference.p50Ms), unit: "×" });
  }
  return figures;
}

function medianOf(results: readonly LoadResult[]): LoadResult {
  return {
    perSecond: median(results.map(({ perSecond }) => perSecond)),
    p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(results.map(({ p99Ms }) => p99Ms)),
    clientCpu: median(results.map(({ clientCpu }) => clientCpu)),
  };
}

/** Three digits are what such a measurement is good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function runClient(load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLIENT, JSON.stringify(load)], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(JSON.parse(out) as LoadResult);
      else reject(new Error(`The client process ended with status ${String(code)}.`));
    });
  });
}
