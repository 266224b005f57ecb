import { InvalidCommandError } from "@balsa/replica";
import type { LinkConditions } from "../faults/linkConditions.js";
import type { Cluster } from "../world/cluster.js";
import type { CommandSource } from "../world/commandSource.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientLedger } from "./clientLedger.js";
import { WrongMachineError } from "./machineKit.js";
import { SessionClient } from "./sessionClient.js";

/** Commands on their way at once. Sessions apply them in order whatever happens to the requests. */
const WINDOW = 16;

/** Sends what a source of commands gives, in order, each once, without ever holding more than a few. */
export class InputClient {
  readonly #client: SessionClient;
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
    this.#client = new SessionClient(world, cluster, conditions, ledger, 0, () => {
      this.pull();
    });
  }

  get openCount(): number {
    return this.#client.openCount;
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
    while (!this.#ended && this.#client.openCount < WINDOW) {
      const next = this.#source.next();
      if (next === "wait") {
        this.#waiting = true;
        return;
      }
      if (next === "end") this.#ended = true;
      else if ("error" in next) this.#stop(next.error);
      else this.#submit(next.command);
    }
  }

  stop(): void {
    this.#ended = true;
  }

  #submit(command: Parameters<SessionClient["submit"]>[0]): void {
    try {
      this.#client.submit(command);
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
