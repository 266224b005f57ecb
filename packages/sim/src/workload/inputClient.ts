import { InvalidCommandError } from "@balsa/replica";
import type { LinkConditions } from "../faults/linkConditions.js";
import type { Cluster } from "../world/cluster.js";
import type { CommandSource, WorkloadCommand } from "../world/commandSource.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientLedger } from "./clientLedger.js";
import { WrongMachineError } from "./machineKit.js";
import { newConnection } from "./newConnection.js";
import { SessionPipeline } from "./sessionPipeline.js";

/** Sends what a source of commands gives, in order, each once, without ever holding more than a few. */
export class InputClient {
  readonly #pipeline: SessionPipeline;
  readonly #source: CommandSource;
  #waiting = false;
  #ended = false;
  #error: string | null = null;

  constructor(
    world: WorldContext,
    cluster: Cluster,
    conditions: LinkConditions,
    ledger: ClientLedger,
    source: CommandSource,
  ) {
    this.#source = source;
    this.#pipeline = new SessionPipeline(newConnection(world, cluster, conditions, 0), cluster, ledger, () => {
      this.pull();
    });
  }

  get openCount(): number {
    return this.#pipeline.openCount;
  }

  /** The source has nothing yet. Virtual time must stand still until it has, or the run would depend on real time. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get error(): string | null {
    return this.#error;
  }

  pull(): void {
    this.#waiting = false;
    while (!this.#ended && !this.#waiting && this.#pipeline.hasRoom) {
      const next = this.#source.next();
      if (next === "wait") this.#waiting = true;
      else if (next === "end") this.#ended = true;
      else if ("error" in next) this.#stop(next.error);
      else this.#submit(next.command);
    }
    // Nothing leaves before all that has room is there, or the run would depend on how the source halts.
    if (!this.#waiting) this.#pipeline.flush();
  }

  stop(): void {
    this.#ended = true;
    this.#waiting = false;
  }

  #submit(command: WorkloadCommand): void {
    try {
      this.#pipeline.submit(command);
    } catch (error) {
      if (!(error instanceof InvalidCommandError || error instanceof WrongMachineError)) throw error;
      this.#stop(error.message);
    }
  }

  #stop(error: string): void {
    this.#ended = true;
    this.#error = error;
  }
}
