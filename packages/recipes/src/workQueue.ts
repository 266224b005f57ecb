import type { Json } from "./machine/json.js";
import { KeptLease } from "./lease.js";
import type { CallOptions, RecipeCaller } from "./recipeCaller.js";
import { sleepUntil } from "./recipeClock.js";
import { RecipeError } from "./recipeError.js";

export interface WorkQueueOptions {
  /** For how long a message is one consumer's own, unless that asks for more. Default 30,000. */
  readonly leaseMs?: number;
  /** How often a message is handed out before it counts as dead. Default 5. */
  readonly mostDeliveries?: number;
  /** For how long the id of a message that is done is refused. Default 3,600,000. */
  readonly rememberMs?: number;
}

export interface SendOptions extends CallOptions {
  /** What is sent again under the same id is not sent. Default: an id of its own. */
  readonly id?: string;
}

/** A message, as it was handed out to this consumer. */
export interface Delivery<Body> {
  readonly id: string;
  readonly body: Body;
  /** The first time it is 1. */
  readonly deliveries: number;
  /** Rises with every delivery of any message: a fence for whatever is written elsewhere. */
  readonly receipt: number;
  /** Done: it is never handed out again. False where another has it by now. Rejects with `RefusedError`. */
  complete(options?: CallOptions): Promise<boolean>;
  /** Another may have it, after so long. False where another has it by now. Rejects with `RefusedError`. */
  giveBack(delayMs?: number, options?: CallOptions): Promise<boolean>;
  /** It stays this consumer's own for as long again. False where another has it by now. Rejects with `RefusedError`. */
  extend(options?: CallOptions): Promise<boolean>;
}

export interface ConsumeOptions {
  readonly signal?: AbortSignal;
  /** Messages at work at the same time. Default 1. */
  readonly concurrency?: number;
  /** How often it is looked for messages when there is none. Default 200. */
  readonly pollMs?: number;
  /** How long a message rests whose handler failed. Default 1,000. */
  readonly retryAfterMs?: number;
  /** Told of each failure of the handler, and of whatever keeps messages from coming. */
  readonly onError: (error: unknown, message: { readonly id: string; readonly deliveries: number } | null) => void;
}

export interface QueueStatus {
  readonly ready: number;
  readonly leased: number;
  readonly dead: number;
}

export interface DeadMessage<Body> {
  readonly id: string;
  readonly body: Body;
  readonly deliveries: number;
}

type Received<Body> = Pick<Delivery<Body>, "id" | "body" | "deliveries" | "receipt">;

const DEFAULTS: Required<WorkQueueOptions> = { leaseMs: 30_000, mostDeliveries: 5, rememberMs: 3_600_000 };

/**
 * Each message is worked on by one consumer at a time, and again by another if that one does not say in time that it is done:
 * at least once, and not again after that. Bodies are what JSON can hold.
 */
export class WorkQueue<Body> {
  readonly #caller: RecipeCaller;
  readonly #options: Required<WorkQueueOptions>;
  readonly #newToken: () => string;

  /** @internal */
  constructor(caller: RecipeCaller, options: WorkQueueOptions, newToken: () => string) {
    this.#caller = caller;
    this.#options = { ...DEFAULTS, ...options };
    this.#newToken = newToken;
  }

  /**
   * Puts a message at the end. False where one of this id is there, or was done not long ago: so it may be sent again until
   * that is known. @throws RecipeError `QUEUE_FULL`, RefusedError
   */
  async send(body: Body, options: SendOptions = {}): Promise<boolean> {
    const { id = this.#newToken(), signal } = options;
    const command = { do: "send", id, body: body as Json };
    const { sent, refused } = await this.#caller.repeat<{ readonly sent?: boolean; readonly refused?: string }>(
      command,
      this.#caller.deadlineOf(options),
      signal,
    );
    if (refused !== undefined) throw new RecipeError("QUEUE_FULL", "The queue holds as many messages as it may.");
    return sent === true;
  }

  /**
   * Takes up to so many messages, which are this consumer's own for a while. Default of `limit`: 1.
   * @throws RefusedError; of the code `UNKNOWN_OUTCOME` where some may have been handed out, which then come again in time
   */
  async receive(limit = 1, options: CallOptions = {}): Promise<readonly Delivery<Body>[]> {
    const { leaseMs, mostDeliveries } = this.#options;
    const { messages } = await this.#caller.command<{ readonly messages: readonly Received<Body>[] }>(
      { do: "receive", limit, leaseMs, mostDeliveries },
      options,
    );
    return messages.map((message) => this.#delivery(message));
  }

  /**
   * Hands each message to the handler, keeps it its own while that works, and completes it when that is done. Ends when the
   * signal is aborted and the handlers at work have ended. A handler's own signal is aborted when the message may have gone to
   * another.
   */
  async consume(
    handler: (delivery: Delivery<Body>, signal: AbortSignal) => Promise<void>,
    options: ConsumeOptions,
  ): Promise<void> {
    const { concurrency = 1 } = options;
    await Promise.all(Array.from({ length: concurrency }, () => this.#consumeOneByOne(handler, options)));
  }

  status(options: CallOptions = {}): Promise<QueueStatus> {
    return this.#caller.query<QueueStatus>({}, options);
  }

  /** Messages that were handed out as often as may be, and never completed. */
  dead(limit = 100, options: CallOptions = {}): Promise<readonly DeadMessage<Body>[]> {
    return this.#caller.query<readonly DeadMessage<Body>[]>({ ask: "dead", limit }, options);
  }

  /** Has a dead message handed out `again`, or drops it for good. False where there is none of this id. */
  async settleDead(id: string, what: "again" | "drop", options: CallOptions = {}): Promise<boolean> {
    const command = { do: "settleDead", id, again: what === "again" };
    return (await this.#caller.command<{ readonly settled: boolean }>(command, options)).settled;
  }

  async #consumeOneByOne(
    handler: (delivery: Delivery<Body>, signal: AbortSignal) => Promise<void>,
    options: ConsumeOptions,
  ): Promise<void> {
    const { signal, pollMs = 200, onError } = options;
    const { clock } = this.#caller;
    while (signal?.aborted !== true) {
      const askedAt = clock.now();
      let delivery: Delivery<Body> | undefined;
      try {
        [delivery] = await this.receive(1);
      } catch (error) {
        onError(error, null);
      }
      if (delivery === undefined) await sleepUntil(clock, clock.now() + pollMs, signal);
      else await this.#handle(delivery, askedAt, handler, options);
    }
  }

  async #handle(
    delivery: Delivery<Body>,
    sinceMs: number,
    handler: (delivery: Delivery<Body>, signal: AbortSignal) => Promise<void>,
    { retryAfterMs = 1_000, onError }: ConsumeOptions,
  ): Promise<void> {
    const { clock } = this.#caller;
    const { leaseMs } = this.#options;
    const lease = new KeptLease({
      clock,
      what: `the message ${delivery.id}`,
      fence: delivery.receipt,
      ttlMs: leaseMs,
      sinceMs,
      renew: (timeoutMs) => delivery.extend({ timeoutMs }),
      release: () => Promise.resolve(null),
    });
    try {
      await handler(delivery, lease.signal);
      await delivery.complete();
    } catch (error) {
      onError(error, delivery);
      if (lease.isHeld) await delivery.giveBack(retryAfterMs).catch((fault: unknown) => onError(fault, delivery));
    } finally {
      await lease.release();
    }
  }

  #delivery(message: Received<Body>): Delivery<Body> {
    const { id, receipt } = message;
    const { leaseMs, rememberMs } = this.#options;
    const tell = async (body: Readonly<Record<string, Json>>, options: CallOptions = {}): Promise<unknown> =>
      this.#caller.repeat({ ...body, id, receipt }, this.#caller.deadlineOf(options), options.signal);
    return {
      ...message,
      complete: async (options) =>
        ((await tell({ do: "complete", rememberMs }, options)) as { readonly completed: boolean }).completed,
      giveBack: async (delayMs = 0, options = {}) =>
        ((await tell({ do: "giveBack", delayMs }, options)) as { readonly givenBack: boolean }).givenBack,
      extend: async (options) =>
        ((await tell({ do: "extend", leaseMs }, options)) as { readonly extended: boolean }).extended,
    };
  }
}
