import type { RandomStream } from "../random/randomStream.js";
import { KEY_VALUE_COMMAND_NAMES, type KeyValueCommandName, type Scenario } from "../scenario/scenario.js";
import type { WorkloadCommand } from "../world/commandSource.js";
import type { ClientOperation } from "./machineKit.js";

const DEFAULT_KEYS = 4;
const DEFAULT_MIX: Readonly<Record<KeyValueCommandName, number>> = {
  get: 2,
  put: 4,
  delete: 1,
  compareAndSet: 2,
  append: 2,
};

/** Draws what one client does next. */
export class CommandGenerator {
  readonly #stream: RandomStream;
  readonly #scenario: Scenario;
  readonly #prefix: string;
  readonly #keys: number;
  readonly #hotKeyShare: number;
  /** What this client last put, so that some of its comparisons succeed. */
  readonly #lastPut = new Map<string, string>();
  #values = 0;

  constructor(scenario: Scenario, client: number, stream: RandomStream) {
    this.#scenario = scenario;
    this.#stream = stream;
    this.#prefix = `v${client}.`;
    this.#keys = scenario.workload?.keys ?? DEFAULT_KEYS;
    this.#hotKeyShare = scenario.workload?.hotKeyShare ?? 0;
  }

  /** Each `add` adds 1, so that the counter's value is the number of commands. */
  command(): WorkloadCommand {
    return this.#scenario.machine === "counter" ? { type: "add", amount: 1 } : this.#keyValueCommand();
  }

  read(): ClientOperation {
    return this.#scenario.machine === "counter" ? { type: "total" } : { type: "get", key: this.#key() };
  }

  #keyValueCommand(): WorkloadCommand {
    const key = this.#key();
    const type = this.#kind();
    switch (type) {
      case "get":
      case "delete":
        return { type, key };
      case "put":
      case "append": {
        const value = this.#value();
        if (type === "put") this.#lastPut.set(key, value);
        return { type, key, value };
      }
      case "compareAndSet": {
        const expected = this.#lastPut.get(key) ?? null;
        const value = this.#value();
        this.#lastPut.set(key, value);
        return { type, key, expected, value };
      }
    }
  }

  #kind(): KeyValueCommandName {
    const mix = this.#scenario.workload?.mix ?? DEFAULT_MIX;
    let total = 0;
    for (const name of KEY_VALUE_COMMAND_NAMES) total += mix[name] ?? 0;
    let left = this.#stream.float() * total;
    for (const name of KEY_VALUE_COMMAND_NAMES) {
      left -= mix[name] ?? 0;
      if (left < 0) return name;
    }
    return KEY_VALUE_COMMAND_NAMES.findLast((name) => (mix[name] ?? 0) > 0) ?? "get";
  }

  #key(): string {
    const place = this.#stream.integer(0, this.#keys - 1);
    const isHot = this.#hotKeyShare > 0 && this.#stream.chance(this.#hotKeyShare);
    return `k${isHot ? 0 : place}`;
  }

  #value(): string {
    this.#values += 1;
    return this.#prefix + String(this.#values);
  }
}
