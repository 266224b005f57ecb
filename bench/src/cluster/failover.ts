import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RaftClient } from "@balsa/client";
import { encodeKeyValueCommand } from "@balsa/replica";
import { median, type Figure } from "../figure.js";
import { startBalsa } from "./systems.js";

const KILLS = 50;
const PATIENCE_MS = 20_000;

/** From `kill -9` of the leader, with default settings, to the next write that is acknowledged. */
export async function benchFailover(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "balsa-failover-"));
  const system = await startBalsa(folder);
  const client = RaftClient.connect({ servers: system.endpoints, requestTimeoutMs: PATIENCE_MS });
  const write = (): Promise<unknown> => client.propose(encodeKeyValueCommand({ type: "put", key: "k", value: "v" }));
  const gapsMs: number[] = [];
  try {
    await write();
    for (let kill = 0; kill < KILLS; kill++) {
      const leader = system.servers.find(({ name }) => name === client.server);
      if (leader === undefined) throw new Error("The client is not connected to the leader.");
      const killedAt = performance.now();
      const killed = leader.signal("SIGKILL");
      // A write that is asked for after the kill can only be acknowledged by the next leader.
      await write();
      gapsMs.push(performance.now() - killedAt);
      await killed;
      leader.start();
      await caughtUp(client, write, system.servers.length);
    }
  } finally {
    await client.close();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const sorted = [...gapsMs].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN);
  const name = `failover: ${String(KILLS)} kills of the leader, to the next acknowledged write`;
  return [
    { name: `${name}, median`, value: Math.round(median(gapsMs)), unit: "ms" },
    { name: `${name}, 99th percentile`, value: at(0.99), unit: "ms" },
    { name: `${name}, longest`, value: at(1), unit: "ms" },
  ];
}

/** All members are there and have what the leader has, so that the next kill finds a whole cluster. */
async function caughtUp(client: RaftClient, write: () => Promise<unknown>, members: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    // It takes the client to whoever leads.
    await write();
    const answer = (await client.administer({ op: "status" })) as {
      status: { role: string; peers: readonly { lagEntries: number; silentMs: number }[] };
    };
    const { role, peers } = answer.status;
    const fresh = peers.filter(({ lagEntries, silentMs }) => lagEntries === 0 && silentMs < 200);
    if (role === "leader" && fresh.length === members - 1) return;
    if (performance.now() > deadline)
      throw new Error(`A member that was started again did not catch up: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
