import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkHistory, explain, keyValue } from "@balsa/linearizability";
import { ChaosCluster } from "./chaosCluster.js";
import { ChaosRandom } from "./chaosRandom.js";
import { Trouble } from "./trouble.js";
import { Workload } from "./workload.js";

const HELP = `npm run chaos -- [--duration 60s] [--seed N] [--nodes 3] [--clients 8] [--keep DIR]

Real processes of balsa serve, with a proxy on every link, under kill -9, SIGSTOP, cut and slow links, restarts of the whole
cluster, members of two versions of the protocol and changes of its members; clients check that all they saw is linearizable. The next trouble waits until the cluster serves again. A
minute aims at 100 kills of single members; a run that has not seen its share goes on, for three times its duration at most.
On failure the history, what was done and the members' logs stay in DIR (default: a temporary folder, named at the end).

Exit status: 0 all held; 1 it did not; 2 the call was wrong; 3 all held, but too little happened to show much.
`;

/** What a minute must have seen to show anything. */
const A_MINUTE = { kills: 100, acknowledged: 2_000, membershipChanges: 2 } as const;
const MAX_GAP_MS = 20_000;
/** In durations, for the kills that are due. */
const MAX_MORE_TIME = 3;
const PROGRESS_EVERY_MS = 10_000;

const CHECK_BUDGET_MS = 120_000;

const { values } = parseArgs({
  options: {
    duration: { type: "string", default: "60s" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    nodes: { type: "string", default: "3" },
    clients: { type: "string", default: "8" },
    keep: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const match = /^(\d+)(s|m|h)$/u.exec(values.duration);
if (
  match === null ||
  !/^\d+$/u.test(values.seed) ||
  !/^[1-9]$/u.test(values.nodes) ||
  !/^[1-9]\d?$/u.test(values.clients)
) {
  process.stderr.write(`A flag is not what it must be.\n\n${HELP}`);
  process.exit(2);
}
const durationMs = Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as "s" | "m" | "h"];
process.exit(await chaos());

async function chaos(): Promise<number> {
  const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), "balsa-chaos-")) : resolve(values.keep);
  mkdirSync(folder, { recursive: true });
  const random = new ChaosRandom(Number(values.seed));
  process.stdout.write(`seed ${values.seed}, ${values.nodes} members, ${values.clients} clients, ${values.duration}\n`);
  const done: string[] = [];
  const beganAt = performance.now();
  const say = (what: string): void => void done.push(`${(performance.now() - beganAt).toFixed(0)} ms: ${what}`);
  const cluster = await ChaosCluster.start(folder, Number(values.nodes));
  const workload = new Workload(Object.values(cluster.addresses), Number(values.clients), random);
  const trouble = new Trouble(cluster, random, say, () => workload.counts.acknowledged);
  let failure: Error | null = null;
  try {
    workload.start();
    trouble.start();
    await watch(workload, trouble);
    await trouble.stop();
    await workload.stop();
    await workload.readAll();
  } catch (error) {
    failure = error instanceof Error ? error : new Error("Something threw what is no error.", { cause: error });
  } finally {
    await workload.close();
    await cluster.stop();
  }
  const isFine = judge(workload, trouble, failure);
  const missing = isFine ? whatIsMissing(workload, trouble) : [];
  if (missing.length > 0) process.stdout.write(`too little happened to show much: ${missing.join("; ")}\n`);
  const status = isFine ? (missing.length > 0 ? 3 : 0) : 1;
  if (isFine && values.keep === undefined) {
    rmSync(folder, { recursive: true, force: true });
    return status;
  }
  writeFileSync(join(folder, "done.txt"), `${done.join("\n")}\n`);
  const operations = workload.history.operations().map((operation) => JSON.stringify(operation));
  const lines = [JSON.stringify({ model: "key-value" }), ...operations];
  writeFileSync(join(folder, "history.jsonl"), `${lines.join("\n")}\n`);
  process.stdout.write(`history, what was done, and the members' logs and data: ${folder}\n`);
  process.stdout.write(`a picture of the history: npx balsa check ${folder}/history.jsonl --html history.html\n`);
  return status;
}

/** How much of what a minute must have seen belongs to this run's duration. */
function due(what: keyof typeof A_MINUTE): number {
  return Math.floor((A_MINUTE[what] * durationMs) / 60_000);
}

function whatIsMissing(workload: Workload, trouble: Trouble): string[] {
  const { acknowledged, longestGapMs } = workload.counts;
  const { kills, membershipChanges } = trouble.counts;
  const counts = { kills, acknowledged, membershipChanges };
  const names = { kills: "kills", acknowledged: "acknowledged operations", membershipChanges: "membership changes" };
  const missing = (Object.keys(counts) as (keyof typeof counts)[])
    .filter((what) => counts[what] < due(what))
    .map((what) => `${String(counts[what])} ${names[what]}, where ${String(due(what))} are due`);
  const isLong = longestGapMs > MAX_GAP_MS;
  return isLong ? [...missing, `${(longestGapMs / 1_000).toFixed(1)} s without an acknowledgement`] : missing;
}

/** Waits for the end, or for Ctrl-C, and says how it goes. */
function watch(workload: Workload, trouble: Trouble): Promise<void> {
  return new Promise((resolve) => {
    const endAt = performance.now() + durationMs;
    let toldAt = performance.now();
    const end = (): void => {
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(() => {
      const now = performance.now();
      const leftS = Math.max(0, Math.round((endAt - now) / 1_000));
      const { kills } = trouble.counts;
      const progress = `${String(workload.counts.acknowledged)} acknowledged, ${String(kills)} kills, ${leftS === 0 ? "more time for kills" : `${String(leftS)} s left`}`;
      if (process.stdout.isTTY) process.stdout.write(`\r${progress.padEnd(72)}`);
      else if (now - toldAt >= PROGRESS_EVERY_MS) {
        toldAt = now;
        process.stdout.write(`${progress}\n`);
      }
      const isEnough = kills >= due("kills") || now >= endAt + MAX_MORE_TIME * durationMs;
      if (now >= endAt && isEnough) end();
    }, 250);
    process.once("SIGINT", end);
  });
}

function judge(workload: Workload, trouble: Trouble, failure: Error | null): boolean {
  const operations = workload.history.operations();
  const { acknowledged, unknown, refused, longestGapMs } = workload.counts;
  const { kills, versionChanges, pauses, links, clusterRestarts, transfers } = trouble.counts;
  const { membershipChanges, membershipFailures } = trouble.counts;
  const checkedAt = performance.now();
  const result = checkHistory(keyValue, operations, {
    shouldStop: () => performance.now() - checkedAt > CHECK_BUDGET_MS,
  });
  const lines = [
    "",
    `trouble      ${String(kills)} kills, ${String(versionChanges)} of them to change the protocol's version, ${String(clusterRestarts)} restarts of all, ${String(pauses)} pauses, ${String(links)} links harmed, ` +
      `${String(transfers)} transfers, ${String(membershipChanges)} membership changes (${String(membershipFailures)} given up)`,
    `operations   ${String(acknowledged)} acknowledged, ${String(unknown)} of unknown outcome, ${String(refused)} refused`,
    `longest gap  ${longestGapMs.toFixed(0)} ms without an acknowledgement`,
    `history      ${result.verdict} (${String(operations.length)} operations, checked in ${(performance.now() - checkedAt).toFixed(0)} ms)`,
  ];
  if (failure !== null) lines.push(`failure      ${failure.stack ?? failure.message}`);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (result.verdict === "illegal") process.stdout.write(`${explain(keyValue, result)}\n`);
  return failure === null && result.verdict === "linearizable" && acknowledged > 0;
}
