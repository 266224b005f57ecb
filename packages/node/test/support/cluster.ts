import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../cli/src/serving/freePorts.js";
import { RaftNode, type MemberOptions } from "../../src/index.js";
import { Counter } from "./counter.js";

export { freePorts };

export type CounterNode = Awaited<ReturnType<typeof openCounter>>;

function openCounter(options: MemberOptions) {
  return RaftNode.open({ ...options, stateMachine: new Counter() });
}

/** Real nodes in this process, on loopback and in a temporary folder. */
export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), "balsa-node-"));
  readonly nodes = new Map<string, CounterNode>();
  readonly addresses: Record<string, string> = {};
  #settings: Partial<MemberOptions> = {};

  static async start(ids: readonly string[], settings: Partial<MemberOptions> = {}): Promise<Cluster> {
    const cluster = new Cluster();
    cluster.#settings = settings;
    const ports = await freePorts(ids.length);
    ids.forEach((id, i) => (cluster.addresses[id] = `127.0.0.1:${String(ports[i])}`));
    await Promise.all(ids.map((id) => cluster.open(id)));
    await cluster.anyNode().ready();
    return cluster;
  }

  async open(id: string, more: Partial<MemberOptions> = {}): Promise<CounterNode> {
    const node = await openCounter(this.options(id, more));
    this.nodes.set(id, node);
    return node;
  }

  options(id: string, more: Partial<MemberOptions> = {}): MemberOptions {
    return {
      id,
      dataDirectory: join(this.folder, id),
      listen: this.addresses[id]!,
      members: { ...this.addresses },
      limits: { segmentBytes: 256 * 1024 },
      ...this.#settings,
      ...more,
    };
  }

  node(id: string): CounterNode {
    return this.nodes.get(id)!;
  }

  anyNode(): CounterNode {
    return [...this.nodes.values()][0]!;
  }

  /** The node that all of those that run take for the leader. */
  async leader(): Promise<CounterNode> {
    return until(() => {
      const leaders = new Set([...this.nodes.values()].map((node) => node.status().leader));
      const [only] = leaders;
      return leaders.size === 1 && typeof only === "string" ? this.nodes.get(only) : undefined;
    });
  }

  async close(id: string): Promise<void> {
    const node = this.nodes.get(id);
    this.nodes.delete(id);
    await node?.close();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.close({ timeoutMs: 200 })));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const PATIENCE_MS = 20_000;

/** Waits until `look` gives something; a condition, not a time. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`It did not come about: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
