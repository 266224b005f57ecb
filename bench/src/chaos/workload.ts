import { KeyValueClient, RefusedError } from "@balsa/client";
import { HistoryRecorder, type KeyValueInput, type KeyValueOutput } from "@balsa/linearizability";
import type { ChaosRandom } from "./chaosRandom.js";

/** A key is used for so long, so that no key's history gets too long to be checked. */
const KEY_LIFE_MS = 2_000;
const KEYS_AT_ONCE = 4;
const OPERATION_TIMEOUT_MS = 3_000;

export interface WorkloadCounts {
  acknowledged: number;
  unknown: number;
  refused: number;
  lastAcknowledgedAt: number;
  longestGapMs: number;
}

/** Clients that write and read without pause, and write down what they see. */
export class Workload {
  readonly history = new HistoryRecorder<KeyValueInput, KeyValueOutput>();
  readonly counts: WorkloadCounts = { acknowledged: 0, unknown: 0, refused: 0, lastAcknowledgedAt: 0, longestGapMs: 0 };
  readonly #clients: readonly KeyValueClient[];
  readonly #random: ChaosRandom;
  readonly #keys = new Set<string>();
  #running = true;
  #values = 0;
  #work: Promise<unknown> = Promise.resolve();

  constructor(servers: readonly string[], clients: number, random: ChaosRandom) {
    this.#random = random;
    this.#clients = Array.from({ length: clients }, (_, i) =>
      KeyValueClient.connect({
        servers,
        name: `chaos-${String(i)}`,
        requestTimeoutMs: OPERATION_TIMEOUT_MS,
        connectTimeoutMs: 500,
      }),
    );
  }

  start(): void {
    this.counts.lastAcknowledgedAt = performance.now();
    this.#work = Promise.all(this.#clients.map((client, i) => this.#run(client, i)));
  }

  /** Ends the load, when what is under way has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#work;
  }

  /** Reads every key that was ever written, once all is whole again. */
  async readAll(): Promise<void> {
    const [client] = this.#clients;
    for (const key of this.#keys) await this.#perform(client as KeyValueClient, "final", { type: "get", key }, 20_000);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #run(client: KeyValueClient, number: number): Promise<void> {
    while (this.#running) {
      await this.#perform(client, number, this.#draw(), OPERATION_TIMEOUT_MS);
      // A thousand operations a second are enough to find what is wrong, and few enough to be checked in seconds.
      await new Promise((resolve) => setTimeout(resolve, this.#random.float() * 8));
    }
  }

  #draw(): KeyValueInput {
    const epoch = Math.floor(performance.now() / KEY_LIFE_MS);
    const key = `k${String(epoch)}-${String(Math.floor(this.#random.float() * KEYS_AT_ONCE))}`;
    const value = `v${String(this.#values++)};`;
    const drawn = this.#random.float();
    this.#keys.add(key);
    if (drawn < 0.35) return { type: "get", key };
    if (drawn < 0.6) return { type: "append", key, value };
    if (drawn < 0.85) return { type: "put", key, value };
    if (drawn < 0.95) return { type: "compareAndSet", key, expected: null, value };
    return { type: "delete", key };
  }

  async #perform(
    client: KeyValueClient,
    name: string | number,
    input: KeyValueInput,
    timeoutMs: number,
  ): Promise<void> {
    const operation = this.history.invoke(name, input);
    try {
      const output = await invoke(client, input, timeoutMs);
      this.history.complete(operation, output);
      this.#acknowledged();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.code === "UNKNOWN_OUTCOME") this.counts.unknown += 1;
      else {
        this.history.fail(operation);
        this.counts.refused += 1;
      }
    }
  }

  #acknowledged(): void {
    const now = performance.now();
    this.counts.acknowledged += 1;
    this.counts.longestGapMs = Math.max(this.counts.longestGapMs, now - this.counts.lastAcknowledgedAt);
    this.counts.lastAcknowledgedAt = now;
  }
}

async function invoke(client: KeyValueClient, input: KeyValueInput, timeoutMs: number): Promise<KeyValueOutput> {
  const options = { timeoutMs };
  switch (input.type) {
    case "get":
      return { type: "value", value: await client.get(input.key, options) };
    case "put":
      await client.put(input.key, input.value, options);
      return { type: "done" };
    case "delete":
      await client.delete(input.key, options);
      return { type: "done" };
    case "append":
      await client.append(input.key, input.value, options);
      return { type: "done" };
    case "compareAndSet":
      return { type: "compared", swapped: await client.compareAndSet(input.key, input.expected, input.value, options) };
  }
}
