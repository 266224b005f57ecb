import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { RaftClient } from "@balsa/client";
import { EtcdClient } from "./etcdClient.js";
import { balsaServer, freePorts, ServerProcess } from "./serverProcess.js";

/** Three servers of one kind, running. */
export interface System {
  readonly kind: "balsa" | "etcd";
  /** In figures. */
  readonly name: string;
  readonly servers: readonly ServerProcess[];
  /** Of the leader first. */
  readonly endpoints: readonly string[];
  stop(): Promise<void>;
}

const PATIENCE_MS = 20_000;

/** @param recording how many of the members record what they are given */
export async function startBalsa(folder: string, { recording = 0 } = {}): Promise<System> {
  const ports = await freePorts(3);
  const members = Object.fromEntries(ports.map((port, i) => [`n${String(i + 1)}`, `127.0.0.1:${String(port)}`]));
  const servers = Object.entries(members).map(([id, address], i) =>
    balsaServer(id, address, members, folder, i < recording ? ["--record", join(folder, `recording-${id}`)] : []),
  );
  for (const server of servers) server.start();
  await using client = RaftClient.connect({ servers: Object.values(members) });
  const leader = await until(async () => {
    const answer = (await client.administer({ op: "status" }, { timeoutMs: 1_000 })) as {
      status: { leader: string | null };
    };
    return answer.status.leader;
  });
  const endpoints = [...new Set([members[leader] as string, ...Object.values(members)])];
  const name = recording === 0 ? "balsa" : `balsa, ${String(recording)} of 3 recording`;
  return { kind: "balsa", name, servers, endpoints, stop: () => stopAll(servers) };
}

/** Null where etcd is not installed. */
export function etcdVersion(): string | null {
  const { stdout } = spawnSync("etcd", ["--version"], { encoding: "utf8" });
  return /etcd Version: (\S+)/u.exec(stdout ?? "")?.[1] ?? null;
}

export async function startEtcd(folder: string): Promise<System> {
  const ports = await freePorts(6);
  const names = ["e1", "e2", "e3"];
  const peer = (i: number) => `http://127.0.0.1:${String(ports[i])}`;
  const own = (i: number) => `http://127.0.0.1:${String(ports[i + 3])}`;
  const cluster = names.map((name, i) => `${name}=${peer(i)}`).join(",");
  const servers = names.map((name, i) => {
    const args = ["--name", name, "--data-dir", join(folder, name), "--initial-cluster", cluster];
    args.push("--listen-peer-urls", peer(i), "--initial-advertise-peer-urls", peer(i));
    args.push(
      "--listen-client-urls",
      own(i),
      "--advertise-client-urls",
      own(i),
      "--logger",
      "zap",
      "--log-level",
      "error",
    );
    return new ServerProcess({ name, command: "etcd", args, logFile: join(folder, `${name}.log`) });
  });
  for (const server of servers) server.start();
  const leader = await until(async () => {
    for (let i = 0; i < 3; i++) if (await leads(own(i))) return own(i);
    return null;
  });
  const endpoints = [...new Set([leader, own(0), own(1), own(2)])];
  return { kind: "etcd", name: "etcd", servers, endpoints, stop: () => stopAll(servers) };
}

async function leads(endpoint: string): Promise<boolean> {
  const client = new EtcdClient(endpoint, 1);
  try {
    return await client.isLeader();
  } finally {
    client.close();
  }
}

async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  await Promise.all(servers.map((server) => server.signal("SIGKILL")));
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look().catch(() => null);
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error("The servers did not elect a leader; look at their logs.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
