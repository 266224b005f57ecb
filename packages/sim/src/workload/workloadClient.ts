import type { LinkConditions } from "../faults/linkConditions.js";
import type { RandomStream } from "../random/randomStream.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientCluster } from "./clientCluster.js";
import type { ClientLedger } from "./clientLedger.js";
import { CommandGenerator } from "./commandGenerator.js";
import { readRequestOf, requestOf } from "./requestOperations.js";
import { SessionClient } from "./sessionClient.js";

export const DEFAULT_CLIENTS = 5;
export const DEFAULT_RATE_PER_SECOND = 10;
const DEFAULT_READS_PER_COMMAND = 0.5;

/** Gives out the commands that all clients together may still send. */
export interface CommandBudget {
  /** Whether one more may be sent; it is then taken. */
  take(): boolean;
  readonly exhausted: boolean;
}

/** Thinks, asks one thing, waits for the answer, and thinks again. */
export class WorkloadClient {
  readonly #client: SessionClient;
  readonly #generator: CommandGenerator;
  readonly #world: WorldContext;
  readonly #cluster: ClientCluster;
  readonly #budget: CommandBudget;
  readonly #thinking: RandomStream;
  readonly #choice: RandomStream;
  readonly #meanThinkingMs: number;
  readonly #readShare: number;
  #stopped = false;

  constructor(
    world: WorldContext,
    cluster: ClientCluster,
    conditions: LinkConditions,
    ledger: ClientLedger,
    budget: CommandBudget,
    number: number,
  ) {
    this.#world = world;
    this.#cluster = cluster;
    this.#budget = budget;
    const { workload } = world.scenario;
    const readsPerCommand = workload?.readsPerCommand ?? DEFAULT_READS_PER_COMMAND;
    const operationsPerSecond = (workload?.ratePerSecond ?? DEFAULT_RATE_PER_SECOND) * (1 + readsPerCommand);
    this.#meanThinkingMs = ((workload?.clients ?? DEFAULT_CLIENTS) * 1_000) / operationsPerSecond;
    this.#readShare = readsPerCommand / (1 + readsPerCommand);
    this.#thinking = world.streams.stream(`client/${number}/thinking`);
    this.#choice = world.streams.stream(`client/${number}/choice`);
    this.#generator = new CommandGenerator(world.scenario, number, world.streams.stream(`client/${number}/command`));
    this.#client = new SessionClient(world, cluster, conditions, ledger, number, () => {
      this.think();
    });
  }

  get openCount(): number {
    return this.#client.openCount;
  }

  /** It asks for nothing more; what it has asked for goes on until it is answered. */
  stop(): void {
    this.#stopped = true;
  }

  think(): void {
    if (this.#stopped) return;
    this.#world.time.after(this.#thinking.exponential(this.#meanThinkingMs), () => {
      if (!this.#stopped) this.#act();
    });
  }

  #act(): void {
    const isRead = this.#choice.chance(this.#readShare);
    const place = this.#choice.float();
    const fromLease = this.#choice.chance(0.5) && this.#world.scenario.raft?.leaseReads === true;
    if (this.#budget.exhausted) return;
    const { time, onRequest } = this.#world;
    const { number } = this.#client;
    if (!isRead) {
      if (!this.#budget.take()) return;
      const command = this.#generator.command();
      onRequest?.(requestOf(command, time.now, number));
      this.#client.submit(command);
      return;
    }
    const voters = this.#cluster.voters();
    const target = voters[Math.floor(place * voters.length)] ?? "n1";
    const operation = this.#generator.read();
    onRequest?.(readRequestOf(operation, time.now, number, target, fromLease));
    this.#client.read(operation, target, fromLease);
  }
}
