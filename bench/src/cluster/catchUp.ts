import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RaftClient } from "@balsa/client";
import { median, type Figure } from "../figure.js";
import { freePorts, ServerProcess } from "./serverProcess.js";

const MEMBER = fileURLToPath(new URL("./bulkyMember.js", import.meta.url));
const COMMAND = new Uint8Array(256);
const IN_FLIGHT = 200;
const PATIENCE_MS = 180_000;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

interface PeerStatus {
  readonly id: string;
  readonly lagEntries: number;
  readonly silentMs: number;
  readonly state: string;
}

interface Scenario {
  readonly name: string;
  readonly snapshotBytes: number;
  readonly snapshotEveryBytes: number;
  readonly entries: number;
}

/** How long a follower that was away takes to catch up, while the cluster goes on serving. */
export async function benchCatchUp(): Promise<Figure[]> {
  const byLog = { name: "100,000 entries by log", snapshotBytes: MIB, snapshotEveryBytes: GIB, entries: 100_000 };
  const bySnapshot = {
    name: "a snapshot of 1 GiB",
    snapshotBytes: GIB,
    snapshotEveryBytes: 24 * MIB,
    entries: 100_000,
  };
  return [...(await run(byLog)), ...(await run(bySnapshot))];
}

async function run(scenario: Scenario): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "balsa-catch-up-"));
  const ports = await freePorts(3);
  const members = Object.fromEntries(ports.map((port, i) => [`n${String(i + 1)}`, `127.0.0.1:${String(port)}`]));
  const servers = Object.keys(members).map((id) => {
    const { snapshotBytes, snapshotEveryBytes } = scenario;
    const told = { id, members, dataDirectory: join(folder, id), snapshotBytes, snapshotEveryBytes };
    const args = [MEMBER, JSON.stringify(told)];
    return new ServerProcess({ name: id, command: process.execPath, args, logFile: join(folder, `${id}.log`) });
  });
  for (const server of servers) server.start();
  const client = RaftClient.connect({ servers: Object.values(members), requestTimeoutMs: 60_000 });
  try {
    await client.propose(COMMAND);
    const away = servers.find(({ name }) => name !== client.server) as ServerProcess;
    await away.signal("SIGKILL");
    await writeMany(client, scenario.entries);
    if (scenario.snapshotBytes === GIB) await until(client, ({ snapshotIndex }) => snapshotIndex > 0);
    const beganAt = performance.now();
    away.start();
    let over = false;
    const latencies: number[] = [];
    const memory = new Map<string, number>();
    const serving = serve(client, latencies, () => over);
    await until(client, ({ peers }) => {
      for (const server of servers)
        memory.set(server.name, Math.max(memory.get(server.name) ?? 0, server.residentMiB()));
      return peers.some(({ id, lagEntries, silentMs }) => id === away.name && lagEntries < 50 && silentMs < 300);
    });
    const seconds = (performance.now() - beganAt) / 1_000;
    over = true;
    await serving;
    latencies.sort((a, b) => a - b);
    const name = `catch-up: ${scenario.name}`;
    return [
      { name: `${name}, from the start of the process`, value: Number(seconds.toFixed(1)), unit: "s" },
      {
        name: `${name}, largest resident memory of a member`,
        value: Math.round(Math.max(...memory.values())),
        unit: "MiB",
      },
      { name: `${name}, a write meanwhile, median`, value: Number(median(latencies).toFixed(2)), unit: "ms" },
      { name: `${name}, a write meanwhile, longest`, value: Math.round(latencies.at(-1) ?? NaN), unit: "ms" },
    ];
  } finally {
    await client.close();
    await Promise.all(servers.map((server) => server.signal("SIGKILL")));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeMany(client: RaftClient, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await client.propose(COMMAND);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function serve(client: RaftClient, latencies: number[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const at = performance.now();
    await client.propose(COMMAND);
    latencies.push(performance.now() - at);
  }
}

async function until(
  client: RaftClient,
  condition: (status: { readonly snapshotIndex: number; readonly peers: readonly PeerStatus[] }) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = (await client.administer({ op: "status" })) as { status: Parameters<typeof condition>[0] };
    if (condition(answer.status)) return;
    if (performance.now() > deadline) throw new Error(`It did not catch up: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
