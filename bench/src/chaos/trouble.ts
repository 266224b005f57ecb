import { RaftClient, RefusedError } from "@balsa/client";
import { MIN_PROTOCOL_VERSION } from "@balsa/replica";
import type { ChaosCluster } from "./chaosCluster.js";
import type { ChaosRandom } from "./chaosRandom.js";
import type { LinkState } from "./linkProxy.js";

/** How often each kind of trouble was made. */
export type TroubleCounts = Record<
  | "kills"
  | "versionChanges"
  | "pauses"
  | "links"
  | "clusterRestarts"
  | "transfers"
  | "membershipChanges"
  | "membershipFailures",
  number
>;

interface AdminAnswer {
  readonly ok: boolean;
  readonly error?: { readonly leaderHint: string | null };
}

/** Between two kills of single members. */
const KILL_EVERY_MS = [100, 300] as const;
/** Straddles the election timeout. */
const DOWN_MS = [10, 500] as const;
const OTHER_EVERY_MS = [300, 1_500] as const;
const MAX_MEMBERS = 5;

/** Trouble that comes before the cluster serves again shows nothing new: so many more acknowledgements are waited for. */
const SERVED = 20;
/** After so long it comes all the same. */
const MAX_PACE_MS = 30_000;
const PACE_STEP_MS = 10;
/** How often a request is sent on to whom the member asked takes for the leader. */
const MAX_HOPS = 3;

/** Makes trouble until it is told to stop, and then puts everything right. */
export class Trouble {
  readonly counts: TroubleCounts = {
    kills: 0,
    versionChanges: 0,
    pauses: 0,
    links: 0,
    clusterRestarts: 0,
    transfers: 0,
    membershipChanges: 0,
    membershipFailures: 0,
  };
  readonly #cluster: ChaosCluster;
  readonly #random: ChaosRandom;
  readonly #say: (what: string) => void;
  /** How much the cluster has acknowledged by now. */
  readonly #acknowledged: () => number;
  #running = true;
  #restarting = false;
  #joined = 0;
  /** Members that speak the older protocol. */
  readonly #old = new Set<string>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(cluster: ChaosCluster, random: ChaosRandom, say: (what: string) => void, acknowledged: () => number) {
    this.#cluster = cluster;
    this.#random = random;
    this.#say = say;
    this.#acknowledged = acknowledged;
  }

  start(): void {
    this.#work = Promise.all([this.#killOnAndOn(), this.#otherwise(), this.#changeMembers()]);
  }

  /** All members run, and all links are whole. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#work;
    for (const link of this.#cluster.links) link.set({ type: "open" });
    for (const server of this.#cluster.servers.values()) {
      await server.signal("SIGCONT");
      server.start();
    }
  }

  async #killOnAndOn(): Promise<void> {
    while (this.#running) {
      await this.#pause(KILL_EVERY_MS);
      if (this.#restarting) continue;
      const server = this.#random.of([...this.#cluster.servers.values()]);
      if (!server.isRunning) continue;
      this.counts.kills += 1;
      this.#say(`kill ${server.name}`);
      await server.signal("SIGKILL");
      await this.#pause(DOWN_MS);
      if (this.#cluster.servers.get(server.name) === server) server.start(this.#drawVersion(server.name));
      await this.#served();
    }
  }

  /** Mostly the one that the process before had; now and then the other one there is, as in an upgrade or its undoing. */
  #drawVersion(name: string): readonly string[] {
    let isOld = this.#old.has(name);
    if (this.#random.float() < 0.2) {
      isOld = !isOld;
      this.counts.versionChanges += 1;
      this.#say(`${name} speaks the ${isOld ? "older" : "newest"} protocol`);
    }
    if (!isOld) {
      this.#old.delete(name);
      return [];
    }
    this.#old.add(name);
    return ["--protocol-version", String(MIN_PROTOCOL_VERSION)];
  }

  /** Waits until a majority serves again. */
  async #served(): Promise<void> {
    const enough = this.#acknowledged() + SERVED;
    const deadline = performance.now() + MAX_PACE_MS;
    while (this.#running && this.#acknowledged() < enough && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, PACE_STEP_MS));
    }
  }

  async #otherwise(): Promise<void> {
    while (this.#running) {
      await this.#pause(OTHER_EVERY_MS);
      const drawn = this.#random.float();
      if (drawn < 0.3) await this.#stopAndContinue();
      else if (drawn < 0.8) await this.#harmLinks();
      else if (drawn < 0.9) await this.#transfer();
      else await this.#restartAll();
      await this.#served();
    }
  }

  async #stopAndContinue(): Promise<void> {
    const server = this.#random.of([...this.#cluster.servers.values()]);
    this.counts.pauses += 1;
    this.#say(`stop ${server.name}`);
    await server.signal("SIGSTOP");
    await this.#pause([50, 1_200]);
    await server.signal("SIGCONT");
  }

  async #harmLinks(): Promise<void> {
    const harms: readonly LinkState[] = [
      { type: "reset" },
      { type: "blackhole" },
      { type: "slow", delayMs: this.#random.between(2, 60) },
    ];
    const harm = this.#random.of(harms);
    const share = this.#random.float();
    const harmed = this.#cluster.links.filter(() => this.#random.float() < share);
    this.counts.links += harmed.length;
    this.#say(`${harm.type} on ${String(harmed.length)} links`);
    for (const link of harmed) link.set(harm);
    await this.#pause([50, 1_200]);
    for (const link of harmed) link.set({ type: "open" });
  }

  async #restartAll(): Promise<void> {
    this.#restarting = true;
    this.counts.clusterRestarts += 1;
    this.#say("kill all");
    const servers = [...this.#cluster.servers.values()];
    await Promise.all(servers.map((server) => server.signal("SIGKILL")));
    for (const server of servers) if (this.#cluster.servers.get(server.name) === server) server.start();
    await this.#served();
    this.#restarting = false;
  }

  async #transfer(): Promise<void> {
    this.counts.transfers += 1;
    this.#say("transfer leadership");
    await this.#administer({ op: "transfer", timeoutMs: 1_000 });
  }

  /** A member more, or one less, or one in the place of another; one change after the other. */
  async #changeMembers(): Promise<void> {
    while (this.#running) {
      await this.#pause([2_000, 5_000]);
      if (!this.#running) return;
      const ids = [...this.#cluster.servers.keys()];
      const id = `j${String(++this.#joined)}`;
      if (ids.length < MAX_MEMBERS && this.#random.float() < 0.5) {
        const address = await this.#cluster.addJoiner(id);
        this.#say(`add ${id}`);
        await this.#persist({ op: "reconfigure", change: { type: "add", id, address }, timeoutMs: 3_000 });
      } else if (ids.length > 3 && this.#random.float() < 0.5) {
        const leaving = this.#random.of(ids);
        this.#say(`remove ${leaving}`);
        if (await this.#persist({ op: "reconfigure", change: { type: "remove", id: leaving }, timeoutMs: 3_000 })) {
          await this.#cluster.retire(leaving);
        }
      } else {
        const replaced = this.#random.of(ids);
        const address = await this.#cluster.addJoiner(id);
        this.#say(`replace ${replaced} by ${id}`);
        const change = { type: "replace", replaced, id, address };
        if (await this.#persist({ op: "reconfigure", change, timeoutMs: 3_000 })) await this.#cluster.retire(replaced);
      }
    }
  }

  /** Asks until it is done: a change that broke off goes on where it stopped. */
  async #persist(request: object): Promise<boolean> {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (await this.#administer(request)) {
        this.counts.membershipChanges += 1;
        return true;
      }
      await this.#pause([50, 200]);
    }
    this.counts.membershipFailures += 1;
    return false;
  }

  /** Asks a member at random, and whom that takes for the leader, for only the leader will do it. */
  async #administer(request: object): Promise<boolean> {
    let id: string | null = this.#random.of([...this.#cluster.servers.keys()]);
    for (let hop = 0; hop < MAX_HOPS && id !== null; hop++) {
      const answer: AdminAnswer | null = await this.#ask(this.#cluster.addresses[id] as string, request);
      if (answer?.ok === true) return true;
      const hint: string | null = answer?.error?.leaderHint ?? null;
      id = hint !== null && hint !== id && this.#cluster.servers.has(hint) ? hint : null;
    }
    return false;
  }

  async #ask(address: string, request: object): Promise<AdminAnswer | null> {
    await using client = RaftClient.connect({
      servers: [address],
      requestTimeoutMs: 3_500,
      connectTimeoutMs: 300,
      name: "operator",
    });
    try {
      return (await client.administer(request, { timeoutMs: 3_500 })) as AdminAnswer;
    } catch (error) {
      if (error instanceof RefusedError) return null;
      throw error;
    }
  }

  #pause([low, high]: readonly [number, number]): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#random.between(low, high)));
  }
}
