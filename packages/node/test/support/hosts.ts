import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RaftHost, type GroupMemberOptions, type RaftHostOptions } from "../../src/index.js";
import { freePorts, until, type CounterNode } from "./cluster.js";
import { Counter } from "./counter.js";

/** Real hosts in this process, on loopback and in a temporary folder, with a counter as each group's machine. */
export class Hosts {
  readonly folder = mkdtempSync(join(tmpdir(), "balsa-hosts-"));
  readonly hosts = new Map<string, RaftHost>();
  readonly addresses: Record<string, string> = {};
  readonly #nodes = new Map<string, Map<number, CounterNode>>();
  readonly #settings: Partial<RaftHostOptions>;

  private constructor(settings: Partial<RaftHostOptions>) {
    this.#settings = settings;
  }

  static async start(
    ids: readonly string[],
    groups: readonly number[],
    settings: Partial<RaftHostOptions> = {},
  ): Promise<Hosts> {
    const hosts = new Hosts(settings);
    const ports = await freePorts(ids.length);
    ids.forEach((id, i) => (hosts.addresses[id] = `127.0.0.1:${String(ports[i])}`));
    await Promise.all(ids.map((id) => hosts.open(id, groups)));
    await hosts.elected();
    return hosts;
  }

  options(id: string, more: Partial<RaftHostOptions> = {}): RaftHostOptions {
    const { settings, ...rest } = this.#settings;
    return {
      id,
      dataDirectory: join(this.folder, id),
      listen: this.addresses[id]!,
      hosts: { ...this.addresses },
      settings: { segmentBytes: 256 * 1024, balanceAfterMs: 300, balanceIntervalMs: 100, ...settings },
      ...rest,
      ...more,
    };
  }

  async open(id: string, groups: readonly number[], more: Partial<RaftHostOptions> = {}): Promise<RaftHost> {
    const host = await RaftHost.open(this.options(id, more));
    this.hosts.set(id, host);
    this.#nodes.set(id, new Map());
    await Promise.all(groups.map((group) => this.openGroup(id, group)));
    return host;
  }

  async openGroup(id: string, group: number, more: Partial<GroupMemberOptions> = {}): Promise<CounterNode> {
    const node = await this.host(id).openGroup({ group, stateMachine: new Counter(), ...more });
    this.#nodes.get(id)!.set(group, node);
    return node;
  }

  host(id: string): RaftHost {
    return this.hosts.get(id)!;
  }

  node(id: string, group: number): CounterNode {
    return this.#nodes.get(id)!.get(group)!;
  }

  nodes(group: number): CounterNode[] {
    return [...this.#nodes.values()].map((nodes) => nodes.get(group)!);
  }

  /** Waits until every member knows a leader. */
  async elected(): Promise<void> {
    await until(() => [...this.hosts.values()].every((host) => host.status().leaderless === 0));
  }

  async close(id: string): Promise<void> {
    const host = this.hosts.get(id);
    this.hosts.delete(id);
    this.#nodes.delete(id);
    await host?.close();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.close({ timeoutMs: 200 })));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
