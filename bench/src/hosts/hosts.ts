import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../cluster/serverProcess.js";
import { median, type Figure } from "../figure.js";
import type { HostOrder, HostReport, HostSetup } from "./hostProtocol.js";

const PROCESS = fileURLToPath(new URL("./hostProcess.js", import.meta.url));
const IDS = ["a", "b", "c"];
const MANY_GROUPS = 1_000;
const SHARDS = 100;
const IN_FLIGHT = [1_000, 4_000];
const ROUNDS = 3;
const IDLE_SECONDS = 20;
const PATIENCE_MS = 120_000;
const POLL_MS = 50;

/** A process that hosts groups, and answers. */
class Host {
  readonly #setup: HostSetup;
  #child: ChildProcess | null = null;
  #answer: ((report: HostReport) => void) | null = null;

  constructor(setup: HostSetup) {
    this.#setup = setup;
  }

  /** Resolves when all groups are open. */
  start(): Promise<HostReport> {
    const child = fork(PROCESS, [JSON.stringify(this.#setup)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.on("message", (report: HostReport) => this.#answer?.(report));
    this.#child = child;
    return this.#next();
  }

  ask(order: HostOrder): Promise<HostReport> {
    const answer = this.#next();
    this.#child?.send(order);
    return answer;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await ended;
  }

  #next(): Promise<HostReport> {
    return new Promise((resolve) => (this.#answer = resolve));
  }
}

/** A thousand groups on three hosts: elections, idling, balance; and a hundred groups beside one. */
export async function benchHosts(seconds: number): Promise<Figure[]> {
  return [...(await benchMany()), ...(await benchThroughput(seconds))];
}

async function benchMany(): Promise<Figure[]> {
  return withHosts(MANY_GROUPS, async (hosts) => {
    const figures: Figure[] = [];
    const name = `hosts: ${MANY_GROUPS.toLocaleString("en")} groups on three hosts`;
    const add = (what: string, value: number, unit: string): void =>
      void figures.push({ name: `${name}, ${what}`, value: Math.round(value * 10) / 10, unit });
    const beganAt = performance.now();
    const since = (fromMs: number): number => performance.now() - fromMs;
    await Promise.all(hosts.map((host) => host.start()));
    await until(hosts, (reports) => reports.every(({ leaderless }) => leaderless === 0));
    add("from the start of the processes until all have leaders", since(beganAt), "ms");
    await until(hosts, isBalanced);
    add("until leaders are spread evenly", since(beganAt), "ms");
    await until(hosts, (reports) => reports.every(({ resting }) => resting === MANY_GROUPS));
    add("until all rest", since(beganAt), "ms");
    add("idle, processor of the busiest host", await busiest(hosts), "% of a core");
    add(
      "idle, resident memory of the largest host",
      Math.max(...(await statuses(hosts)).map((r) => r.residentMiB)),
      "MiB",
    );
    const [killed, ...others] = hosts as [Host, ...Host[]];
    await killed.kill();
    const killedAt = performance.now();
    await until(others, (reports) => sum(reports, ({ led }) => led) === MANY_GROUPS);
    add("from the kill of a host until all have leaders", since(killedAt), "ms");
    add("with one host away, processor of the busiest host", await busiest(others), "% of a core");
    const restartedAt = performance.now();
    await killed.start();
    await until(hosts, isBalanced);
    add("from its restart until leaders are spread evenly again", since(restartedAt), "ms");
    return figures;
  });
}

async function benchThroughput(seconds: number): Promise<Figure[]> {
  return withHosts(SHARDS, async (hosts) => {
    await Promise.all(hosts.map((host) => host.start()));
    await until(hosts, isBalanced);
    const figures: Figure[] = [];
    for (const inFlight of IN_FLIGHT) figures.push(...(await compare(hosts, inFlight, seconds)));
    return figures;
  });
}

/** One group and many in turn, so that what else the machine does befalls both. */
async function compare(hosts: readonly Host[], inFlight: number, seconds: number): Promise<Figure[]> {
  const rates = new Map<number, number[]>([
    [1, []],
    [SHARDS, []],
  ]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [groups, measured] of rates) {
      const order = { type: "load", groups, inFlight, seconds: round === 0 ? 2 : seconds } as const;
      const reports = await Promise.all(hosts.map((host) => host.ask(order)));
      // The first round only warms up.
      if (round > 0) measured.push(sum(reports, ({ committed }) => committed) / seconds);
    }
  }
  const [one, many] = [...rates.values()].map(median) as [number, number];
  const name = `hosts: commands of 256 bytes, ${inFlight.toLocaleString("en")} in flight`;
  return [
    { name: `${name}, one group`, value: Math.round(one), unit: "/s" },
    { name: `${name}, ${String(SHARDS)} groups`, value: Math.round(many), unit: "/s" },
    { name: `${name}, ${String(SHARDS)} groups by one`, value: Math.round((100 * many) / one) / 100, unit: "x" },
  ];
}

async function withHosts(groups: number, measure: (hosts: readonly Host[]) => Promise<Figure[]>): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "balsa-hosts-"));
  const ports = await freePorts(IDS.length);
  const addresses = Object.fromEntries(IDS.map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
  const hosts = IDS.map((id) => new Host({ id, hosts: addresses, dataDirectory: join(folder, id), groups }));
  try {
    return await measure(hosts);
  } finally {
    await Promise.all(hosts.map((host) => host.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function isBalanced(reports: readonly HostReport[]): boolean {
  const led = reports.map((report) => report.led);
  return Math.max(...led) - Math.min(...led) <= 1 && reports.every(({ leaderless }) => leaderless === 0);
}

/** Of a core, over some time in which nothing is asked for. */
async function busiest(hosts: readonly Host[]): Promise<number> {
  const before = await statuses(hosts);
  const beganAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1_000));
  const after = await statuses(hosts);
  const elapsedMs = performance.now() - beganAt;
  return Math.max(...after.map(({ cpuMs }, i) => (100 * (cpuMs - (before[i]?.cpuMs ?? 0))) / elapsedMs));
}

function statuses(hosts: readonly Host[]): Promise<HostReport[]> {
  return Promise.all(hosts.map((host) => host.ask({ type: "status" })));
}

async function until(hosts: readonly Host[], holds: (reports: readonly HostReport[]) => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const reports = await statuses(hosts);
    if (holds(reports)) return;
    if (performance.now() > deadline) throw new Error(`It did not come about: ${JSON.stringify(reports)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function sum(reports: readonly HostReport[], of: (report: HostReport) => number): number {
  return reports.reduce((total, report) => total + of(report), 0);
}
