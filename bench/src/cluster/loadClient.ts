import { RaftClient } from "@balsa/client";
import { encodeKeyValueCommand, encodeKeyValueQuestion } from "@balsa/replica";
import { EtcdClient } from "./etcdClient.js";

/** What a client process is told to do; its arguments are this as JSON. */
export interface Load {
  readonly system: "balsa" | "etcd";
  /** Of the leader first. */
  readonly endpoints: readonly string[];
  readonly operation: "write" | "read";
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one core, by this client process. */
  readonly clientCpu: number;
}

const VALUE_BYTES = 256;
const KEYS = 1_000;

const load = JSON.parse(process.argv[2] ?? "{}") as Load;
const value = "v".repeat(VALUE_BYTES);
const { perform, close } = load.system === "balsa" ? balsa() : etcd();
const latencies: number[] = [];
const beginAt = performance.now() + load.warmUpMs;
const endAt = beginAt + load.measureMs;
let cpuAtBegin = process.cpuUsage();
setTimeout(() => (cpuAtBegin = process.cpuUsage()), load.warmUpMs);
await Promise.all(Array.from({ length: load.inFlight }, (_, i) => work(i)));
const cpu = process.cpuUsage(cpuAtBegin);
latencies.sort((a, b) => a - b);
const result: LoadResult = {
  perSecond: (latencies.length / load.measureMs) * 1_000,
  p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? NaN,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN,
  clientCpu: (cpu.user + cpu.system) / 1_000 / load.measureMs,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await close();
process.exit(0);

async function work(worker: number): Promise<void> {
  for (let n = worker; ; n += load.inFlight) {
    const startAt = performance.now();
    if (startAt >= endAt) return;
    await perform(`key-${String(n % KEYS)}`);
    const now = performance.now();
    if (startAt >= beginAt && now < endAt) latencies.push(now - startAt);
  }
}

function balsa(): { perform: (key: string) => Promise<unknown>; close: () => Promise<void> } {
  const client = RaftClient.connect({ servers: load.endpoints });
  const perform =
    load.operation === "write"
      ? (key: string) => client.propose(encodeKeyValueCommand({ type: "put", key, value }))
      : (key: string) => client.read(encodeKeyValueQuestion({ type: "get", key }));
  return { perform, close: () => client.close() };
}

function etcd(): { perform: (key: string) => Promise<unknown>; close: () => Promise<void> } {
  const client = new EtcdClient(load.endpoints[0] as string, load.inFlight >= 100 ? 4 : 1);
  const bytes = Buffer.from(value);
  const perform =
    load.operation === "write" ? (key: string) => client.put(key, bytes) : (key: string) => client.get(key);
  return {
    perform,
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}
