import { balsaServer, freePorts, type ServerProcess } from "../cluster/serverProcess.js";
import { LinkProxy } from "./linkProxy.js";

/** Members as processes, with a proxy of its own on the way from each to each other. */
export class ChaosCluster {
  readonly servers = new Map<string, ServerProcess>();
  /** Where each member really is. */
  readonly addresses: Record<string, string> = {};
  readonly links: LinkProxy[] = [];
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(folder: string, nodes: number): Promise<ChaosCluster> {
    const cluster = new ChaosCluster(folder);
    const ids = Array.from({ length: nodes }, (_, i) => `n${String(i + 1)}`);
    const ports = await freePorts(nodes);
    ids.forEach((id, i) => (cluster.addresses[id] = `127.0.0.1:${String(ports[i])}`));
    for (const id of ids) await cluster.#add(id, []);
    return cluster;
  }

  /** Starts a process that is no member yet. */
  async addJoiner(id: string): Promise<string> {
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${String(port)}`;
    this.addresses[id] = address;
    await this.#add(id, ["--join"]);
    return address;
  }

  /** For good: a member that has left does not come back. */
  async retire(id: string): Promise<void> {
    const server = this.servers.get(id);
    this.servers.delete(id);
    await server?.signal("SIGCONT");
    await server?.signal("SIGKILL");
  }

  async stop(): Promise<void> {
    for (const id of [...this.servers.keys()]) await this.retire(id);
    await Promise.all(this.links.map((link) => link.close()));
  }

  async #add(id: string, more: readonly string[]): Promise<void> {
    const members: Record<string, string> = {};
    for (const [other, address] of Object.entries(this.addresses)) {
      if (other === id) {
        members[other] = address;
        continue;
      }
      const link = await LinkProxy.open(Number(address.split(":")[1]));
      this.links.push(link);
      members[other] = link.address;
    }
    const small = ["--snapshot-every", String(256 * 1024)];
    const server = balsaServer(id, this.addresses[id] as string, members, this.#folder, [...small, ...more]);
    this.servers.set(id, server);
    server.start();
  }
}
