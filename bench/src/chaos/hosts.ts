import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePorts } from "../cluster/serverProcess.js";
import { ChaosRandom } from "./chaosRandom.js";
import type { FromHost, HostSetup, ToHost } from "./hostsProtocol.js";

const HELP = `npm run chaos-hosts -- [--duration 30s] [--seed N]

Three real processes that host fifty groups, each a tally that all add to, under kill -9 of one host or of all. In the end all
hosts must agree on each tally, which is no less than what was acknowledged and no more than what was tried.

Exit status: 0 all held; 1 it did not; 2 the call was wrong.
`;

const PROCESS = fileURLToPath(new URL("./hostMember.js", import.meta.url));
const IDS = ["a", "b", "c"];
const GROUPS = 50;
const ALL_SHARE = 0.15;
const DOWN_MS = [0, 800] as const;
const BETWEEN_MS = [1_500, 4_000] as const;
const PATIENCE_MS = 60_000;

const { values: flags } = parseArgs({
  options: {
    duration: { type: "string", default: "30s" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    help: { type: "boolean", short: "h" },
  },
});
if (flags.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const match = /^(\d+)s$/u.exec(flags.duration);
if (match === null || !/^\d+$/u.test(flags.seed)) {
  process.stderr.write(`A flag is not what it must be.\n\n${HELP}`);
  process.exit(2);
}
const durationMs = Number(match[1]) * 1_000;
const random = new ChaosRandom(Number(flags.seed));
const folder = mkdtempSync(join(tmpdir(), "balsa-chaos-hosts-"));
const ports = await freePorts(IDS.length);
const hosts = Object.fromEntries(IDS.map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
const processes = new Map<string, ChildProcess>();
const tried = new Array<number>(GROUPS).fill(0);
const done = new Array<number>(GROUPS).fill(0);
const values = new Map<string, readonly number[]>();
const logBytes: number[] = [];
let refused = 0;
let kills = 0;
let isOpen = 0;
let order: ToHost = "work";

process.stdout.write(`seed ${flags.seed}, three hosts, ${String(GROUPS)} groups, ${flags.duration}\n`);
for (const id of IDS) start(id);
await until("all hosts are open", () => isOpen === IDS.length);
const endAt = performance.now() + durationMs;
while (performance.now() < endAt) {
  await pause(BETWEEN_MS);
  const struck = random.float() < ALL_SHARE ? IDS : [random.of(IDS)];
  kills += struck.length;
  await Promise.all(struck.map(kill));
  await pause(DOWN_MS);
  for (const id of struck) start(id);
}
await Promise.all(IDS.map(kill));
order = "read";
for (const id of IDS) start(id);
await until("all hosts tell their tallies", () => values.size === IDS.length);
await Promise.all(IDS.map(kill));
process.exit(judge());

function start(id: string): void {
  const setup: HostSetup = { id, hosts, dataDirectory: join(folder, id), groups: GROUPS };
  const child = fork(PROCESS, [JSON.stringify(setup)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  processes.set(id, child);
  child.on("message", (message: FromHost) => {
    switch (message.type) {
      case "open":
        isOpen += 1;
        child.send(order);
        return;
      case "tried":
        tried[message.group]! += 1;
        return;
      case "done":
        done[message.group]! += 1;
        return;
      case "refused":
        refused += 1;
        return;
      case "values":
        values.set(id, message.values);
        logBytes.push(message.logSizeBytes);
    }
  });
}

async function kill(id: string): Promise<void> {
  const child = processes.get(id);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // What it had told by then is still read, so it is "close" that ends it, not "exit".
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGKILL");
  await ended;
}

function pause([low, high]: readonly [number, number]): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, random.between(low, high)));
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It did not come about that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function judge(): number {
  const wrong: string[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const told = IDS.map((id) => values.get(id)?.[group] ?? Number.NaN);
    const [value = Number.NaN] = told;
    const [least, most] = [done[group] ?? 0, tried[group] ?? 0];
    if (new Set(told).size > 1 || !(value >= least && value <= most)) {
      wrong.push(`group ${String(group + 1)}: ${told.join(", ")}, where ${String(least)} to ${String(most)} must be`);
    }
  }
  const sum = (of: readonly number[]): string => String(of.reduce((total, one) => total + one, 0));
  process.stdout.write(
    `trouble      ${String(kills)} kills of hosts\n` +
      `tallies      ${sum(values.get(IDS[0]!) ?? [])} in all; ${sum(done)} acknowledged, ${sum(tried)} tried, ${String(refused)} refused\n` +
      `logs         ${logBytes.map((bytes) => (bytes / 1024 ** 2).toFixed(1)).join(", ")} MiB\n` +
      `verdict      ${wrong.length === 0 ? "nothing lost, nothing done twice" : wrong.join("\n             ")}\n`,
  );
  if (wrong.length === 0) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`the hosts' data: ${folder}\n`);
  return wrong.length === 0 ? 0 : 1;
}
