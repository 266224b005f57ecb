import { RefusedError, type CallOptions, type KeyValueClient } from "@balsa/client";
import { refusal } from "@balsa/replica";
import { openKeyValueClient, type ConnectionFlags } from "./connectionFlags.js";

export const CONSISTENCIES = ["linearizable", "lease", "stale"] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

/** Any member will do for a stale read: when one has not answered for so long, the next is asked, too. */
const HEDGE_MS = 200;

/** The key-value store of a cluster, as `--servers` and `--consistency` say. */
export class Store implements AsyncDisposable {
  readonly client: KeyValueClient;
  readonly #flags: ConnectionFlags;
  readonly #consistency: Consistency;
  readonly #members: KeyValueClient[] = [];

  /** @throws UsageError */
  constructor(flags: ConnectionFlags, consistency: Consistency) {
    this.#flags = flags;
    this.#consistency = consistency;
    this.client = openKeyValueClient(flags);
  }

  /** @throws RefusedError */
  get(key: string, options: CallOptions): Promise<string | null> {
    if (this.#consistency === "stale") return this.#getAnywhere(key, options);
    return this.client.get(key, { ...options, consistency: this.#consistency });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.client, ...this.#members].map((client) => client.close()));
  }

  async #getAnywhere(key: string, { signal }: CallOptions): Promise<string | null> {
    if (this.#members.length === 0) {
      this.#members.push(...this.#flags.servers.map((server) => openKeyValueClient(this.#flags, [server])));
    }
    const over = new AbortController();
    const end = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
    const attempts = this.#members.map(async (client, i) => {
      await passed(i * HEDGE_MS, end);
      return client.get(key, { signal: end, consistency: "stale" });
    });
    try {
      return await Promise.any(attempts);
    } catch (error) {
      const reasons = (error as AggregateError).errors as unknown[];
      const refused = reasons.filter((reason) => reason instanceof RefusedError);
      if (refused.length < reasons.length) throw error;
      const [first] = refused as [RefusedError];
      const message = [...new Set(refused.map((reason) => reason.message))].join(" ");
      throw new RefusedError({ ...refusal(first.code, null), message }, { cause: error });
    } finally {
      over.abort();
    }
  }
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0 || signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
