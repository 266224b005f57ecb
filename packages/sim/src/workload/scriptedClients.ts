import type { LinkConditions } from "../faults/linkConditions.js";
import { chooseNode } from "../faults/chooseNode.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { Cluster } from "../world/cluster.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientLedger } from "./clientLedger.js";
import { SessionClient } from "./sessionClient.js";
import { commandOf } from "./requestOperations.js";

/** The clients of a workload that lists what is asked for, and when. A client doesn't wait for one answer to ask again. */
export class ScriptedClients {
  readonly #world: WorldContext;
  readonly #cluster: Cluster;
  readonly #requests: readonly TimedRequest[];
  readonly #clients = new Map<number, SessionClient>();
  #waiting: ScheduledEvent[] = [];
  #asked = 0;

  constructor(
    world: WorldContext,
    cluster: Cluster,
    conditions: LinkConditions,
    ledger: ClientLedger,
    requests: readonly TimedRequest[],
  ) {
    this.#world = world;
    this.#cluster = cluster;
    this.#requests = [...requests].sort((a, b) => a.atMs - b.atMs);
    for (const { client: number } of requests) {
      if (this.#clients.has(number)) continue;
      this.#clients.set(number, new SessionClient(world, cluster, conditions, ledger, number, () => undefined));
    }
  }

  get openCount(): number {
    let count = 0;
    for (const client of this.#clients.values()) count += client.openCount;
    return count;
  }

  get allAsked(): boolean {
    return this.#asked === this.#requests.length;
  }

  start(): void {
    this.#waiting = this.#requests.map((request) =>
      this.#world.time.schedule(request.atMs, () => {
        this.#ask(request);
      }),
    );
  }

  /** Nothing more is asked for; what has been goes on until it is answered. */
  stop(): void {
    for (const event of this.#waiting) event.cancel();
    this.#waiting = [];
  }

  #ask(request: TimedRequest): void {
    this.#asked += 1;
    const client = this.#clients.get(request.client);
    if (client === undefined) throw new Error(`there is no client ${request.client}`);
    if (request.type !== "read") {
      client.submit(commandOf(request));
      return;
    }
    const target = chooseNode(this.#cluster, request.from) ?? "n1";
    const { key } = request;
    client.read(key === undefined ? { type: "total" } : { type: "get", key }, target, request.lease === true);
  }
}
