import { NodeClock } from "../clock/nodeClock.js";
import type { LinkConditions } from "../faults/linkConditions.js";
import { NodeProcess } from "../schedule/nodeProcess.js";
import type { ClientLedger } from "../workload/clientLedger.js";
import { newConnection } from "../workload/newConnection.js";
import type { Cluster } from "../world/cluster.js";
import type { WorldContext } from "../world/worldContext.js";
import type { Program, ProgramProcess, ProgramWorld } from "./program.js";
import { SimulatedProgramClient } from "./programClient.js";

/** The side of the world that a program sees. */
export class ProgramHost implements ProgramWorld {
  readonly #program: Program;
  readonly #world: WorldContext;
  readonly #cluster: Cluster;
  readonly #conditions: LinkConditions;
  readonly #ledger: ClientLedger;
  readonly #clients: SimulatedProgramClient[] = [];

  constructor(
    program: Program,
    world: WorldContext,
    cluster: Cluster,
    conditions: LinkConditions,
    ledger: ClientLedger,
  ) {
    this.#program = program;
    this.#world = world;
    this.#cluster = cluster;
    this.#conditions = conditions;
    this.#ledger = ledger;
  }

  get nowMs(): number {
    return this.#world.time.now;
  }

  get openCount(): number {
    return this.#clients.reduce((sum, { openCount }) => sum + openCount, 0);
  }

  start(): void {
    this.#program.start(this);
  }

  stop(): void {
    this.#program.stop();
  }

  after(durationMs: number, callback: () => void): void {
    this.#world.time.after(durationMs, callback);
  }

  random(purpose: string): () => number {
    const stream = this.#world.streams.stream(`program/${purpose}`);
    return () => stream.float();
  }

  newProcess(name: string): ProgramProcess {
    const { time } = this.#world;
    const process = new NodeProcess(name, time);
    const nodeClock = new NodeClock(time, this.random(`${name}/clock`)() * 1_000_000);
    const clock = nodeClock.attach(process);
    const connection = newConnection(this.#world, this.#cluster, this.#conditions, this.#clients.length + 1);
    const client = new SimulatedProgramClient(connection, process, clock, this.#ledger);
    this.#clients.push(client);
    return {
      name,
      clock,
      client,
      get isPaused() {
        return process.paused;
      },
      setClockRate: (rate) => nodeClock.setRate(rate),
      pause: () => process.pause(),
      cutOff: () => (client.isCutOff = true),
      connect: () => (client.isCutOff = false),
      resume: () => process.resume(),
      kill: () => process.kill(),
    };
  }
}
