import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RaftClient } from "@balsa/client";
import { checkHistory, explain, keyValue } from "@balsa/linearizability";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "@balsa/replica";
import { balsaServer, freePorts, type ServerProcess } from "../cluster/serverProcess.js";
import { ChaosRandom } from "./chaosRandom.js";
import { Workload } from "./workload.js";

/*
 * Three processes of `balsa serve` that speak the oldest protocol are replaced one by one, each by SIGTERM, with ones that speak
 * the newest; then they go back, one by one, and forward once more. Clients work all the while, and check what they saw.
 */

const IDS = ["a", "b", "c"];
const CLIENTS = 8;
const PATIENCE_MS = 30_000;
const CHECK_BUDGET_MS = 120_000;
/** Acknowledged operations between two replacements, so that each mixture of versions does some work. */
const WORK = 300;
/** Nobody ought to notice more of it than of any handing over. */
const MAX_GAP_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), "balsa-upgrade-"));
const ports = await freePorts(IDS.length);
const members = Object.fromEntries(IDS.map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
const small = ["--segment-size", String(1024 * 1024), "--snapshot-every", String(64 * 1024)];
const servers = IDS.map((id) => balsaServer(id, members[id] as string, members, folder, small));
for (const server of servers) server.start(speaking(MIN_PROTOCOL_VERSION));
const workload = new Workload(Object.values(members), CLIENTS, new ChaosRandom(1));
let failure: unknown = null;
try {
  workload.start();
  await someWork();
  for (const version of [MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION, MAX_PROTOCOL_VERSION]) {
    for (const server of servers) await replace(server, version);
  }
  await workload.stop();
  await workload.readAll();
} catch (error) {
  failure = error;
} finally {
  await workload.close();
  await Promise.all(servers.map((server) => server.signal("SIGKILL")));
}
const status = judge();
if (status === 0) rmSync(folder, { recursive: true, force: true });
else process.stdout.write(`the members' logs and data: ${folder}\n`);
process.exit(status);

async function replace(server: ServerProcess, version: number): Promise<void> {
  await server.signal("SIGTERM");
  server.start(speaking(version));
  await until(`${server.name} speaks version ${String(version)}`, async () => (await versionOf(server)) === version);
  await someWork();
  const spoken = await Promise.all(servers.map((other) => versionOf(other)));
  process.stdout.write(
    `${server.name} is replaced: ${IDS.map((id, i) => `${id} speaks ${String(spoken[i])}`).join(", ")}\n`,
  );
}

function speaking(version: number): readonly string[] {
  return version === MAX_PROTOCOL_VERSION ? [] : ["--protocol-version", String(version)];
}

/** Null while it does not answer, or has not caught up with a leader. */
async function versionOf({ name }: ServerProcess): Promise<number | null> {
  await using client = RaftClient.connect({ servers: [members[name] as string], connectTimeoutMs: 500 });
  try {
    const answer = (await client.administer({ op: "status" }, { timeoutMs: 1_000 })) as {
      status: { protocolVersion: number; leader: string | null };
    };
    return answer.status.leader === null ? null : answer.status.protocolVersion;
  } catch {
    return null; // the caller's patience decides
  }
}

function someWork(): Promise<void> {
  const enough = workload.counts.acknowledged + WORK;
  return until("work is acknowledged", () => Promise.resolve(workload.counts.acknowledged >= enough));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come about that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function judge(): number {
  const operations = workload.history.operations();
  const { acknowledged, unknown, refused, longestGapMs } = workload.counts;
  const checkedAt = performance.now();
  const result = checkHistory(keyValue, operations, {
    shouldStop: () => performance.now() - checkedAt > CHECK_BUDGET_MS,
  });
  process.stdout.write(
    `operations   ${String(acknowledged)} acknowledged, ${String(unknown)} of unknown outcome, ${String(refused)} refused\n` +
      `longest gap  ${longestGapMs.toFixed(0)} ms without an acknowledgement\n` +
      `history      ${result.verdict} (${String(operations.length)} operations)\n`,
  );
  if (result.verdict === "illegal") process.stdout.write(`${explain(keyValue, result)}\n`);
  if (failure !== null)
    process.stdout.write(`failure      ${failure instanceof Error ? failure.message : "no error"}\n`);
  const held = failure === null && result.verdict === "linearizable" && longestGapMs < MAX_GAP_MS;
  return held ? 0 : 1;
}
