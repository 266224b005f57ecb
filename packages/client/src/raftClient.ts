import type { NodeId } from "@balsa/core";
import {
  MAX_CLIENT_PAYLOAD_BYTES,
  refusal,
  RefusedError,
  SessionPipeline,
  type Applied,
  type Outcome,
  type Refusal,
  type RefusalCode,
} from "@balsa/replica";
import { CLIENT_CLOCK } from "./clientClock.js";
import type { CallOptions, ClientReadOptions, RaftClientOptions } from "./clientOptions.js";
import { BadAddressError, parseAddress, TlsContext } from "./connection/index.js";
import { refusalOf, ServerLink, type LinkOutcome } from "./serverLink.js";

const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
const RETRY_MIN_MS = 5;
const RETRY_SPREAD_MS = 25;

/** Refusals after which a read, or a question of an operator, is simply asked again: nothing was changed by it. */
const PASSING: ReadonlySet<RefusalCode> = new Set([
  "NOT_LEADER",
  "NO_LEADER",
  "NOT_REACHED",
  "TIMED_OUT",
  "OVERLOADED",
  "STOPPED",
  "UNKNOWN_OUTCOME",
]);

/**
 * For a program that is no member. It finds the leader and follows it; its commands take effect exactly once each, in the
 * order of their calls, however often connections and leaders fail in between. A command whose outcome can't be known ends
 * as a `RefusedError` of the code `UNKNOWN_OUTCOME`; with any other code it had no effect.
 */
export class RaftClient implements AsyncDisposable {
  readonly #link: ServerLink;
  readonly #pipeline: SessionPipeline;
  readonly #requestTimeoutMs: number;
  readonly #maxInFlight: number;
  #reads = 0;
  #closed = false;

  private constructor(options: RaftClientOptions) {
    if (options.servers.length === 0) throw new BadAddressError("A client needs the address of a member at least.");
    for (const server of options.servers) parseAddress(server);
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.#maxInFlight = options.maxInFlight ?? 16_384;
    const link = new ServerLink({
      servers: options.servers,
      clusterId: options.clusterId ?? "balsa",
      group: options.group ?? 1,
      name: options.name ?? "client",
      // Files that were replaced by broken ones change nothing, and the next connection tells of what does not fit.
      tls: options.tls === undefined ? null : new TlsContext(options.tls, () => undefined),
      connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
      silenceTimeoutMs: options.silenceTimeoutMs ?? 2_000,
    });
    this.#link = link;
    /** Where the member that refused last believes the leader to be. */
    let leaderAddress: string | null = null;
    const note = (outcome: LinkOutcome): LinkOutcome => {
      if (outcome.answered && outcome.body.type === "refused") ({ leaderAddress } = outcome.body);
      return outcome;
    };
    this.#pipeline = new SessionPipeline({
      clock: CLIENT_CLOCK,
      random: Math.random,
      maxOpen: this.#maxInFlight,
      transport: {
        register: (done) => {
          link.request({ type: "register" }, (outcome) => {
            note(outcome);
            const isDone = outcome.answered && outcome.body.type === "registered";
            done(isDone ? { ok: true, value: { sessionId: outcome.body.sessionId } } : refusalOf(outcome));
          });
        },
        send: (command, session, done) => {
          link.request({ type: "propose", session, command, forward: false }, (outcome) => {
            note(outcome);
            const isDone = outcome.answered && outcome.body.type === "applied";
            done(isDone ? { ok: true, value: outcome.body.applied } : refusalOf(outcome));
          });
        },
        closeSession: (sessionId, done) => {
          link.request({ type: "closeSession", sessionId }, (outcome) => {
            const isDone = outcome.answered && outcome.body.type === "closed";
            done(isDone ? { ok: true, value: null } : refusalOf(outcome));
          });
        },
        turnTo: () => {
          link.turnTo(leaderAddress);
          leaderAddress = null;
        },
      },
    });
  }

  /**
   * Makes a client. It connects when it is first asked for something, and again whenever that is needed.
   * @throws BadAddressError, TlsFilesError
   */
  static connect(options: RaftClientOptions): RaftClient {
    return new RaftClient(options);
  }

  /** The member that it is connected to. */
  get server(): NodeId | null {
    return this.#link.nodeId;
  }

  /** Has a command applied, once. @throws RefusedError */
  async propose(command: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return (await this.proposeApplied(command, options)).result;
  }

  /** As `propose`, and tells where in the log the command stands. @throws RefusedError */
  proposeApplied(command: Uint8Array, options: CallOptions = {}): Promise<Applied> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const fault = faultOf(command);
      if (fault !== null) return reject(new RefusedError(fault));
      if (signal?.aborted === true) return reject(aborted("TIMED_OUT", signal));
      const settle = (outcome: Outcome<Applied>): void => {
        signal?.removeEventListener("abort", abort);
        if (outcome.ok) resolve(outcome.value);
        else if (signal?.aborted === true) reject(aborted(outcome.code, signal));
        else reject(new RefusedError(outcome));
      };
      const abort = (): void => this.#pipeline.cancel(submitted);
      signal?.addEventListener("abort", abort, { once: true });
      const submitted = this.#pipeline.submit(command, this.#deadline(options), settle);
    });
  }

  /** Asks the state machine. @throws RefusedError */
  async read(question: Uint8Array, options: ClientReadOptions = {}): Promise<Uint8Array> {
    const fault = faultOf(question);
    if (fault !== null) throw new RefusedError(fault);
    if (this.#reads >= this.#maxInFlight) throw new RefusedError(refusal("OVERLOADED", null));
    const consistency = options.consistency ?? "linearizable";
    this.#reads += 1;
    try {
      const body = await this.#ask({ type: "read", consistency, question }, "answer", options);
      return body.answer;
    } finally {
      this.#reads -= 1;
    }
  }

  /**
   * Asks one member what only operators ask, as one JSON document by another. A request that was sent is not sent again:
   * it may have been carried out, and without an answer it ends as `UNKNOWN_OUTCOME`. @throws RefusedError
   */
  async administer(document: object, options: CallOptions = {}): Promise<unknown> {
    const json = JSON.stringify(document);
    const body = await this.#ask({ type: "admin", json }, "admin", options);
    return JSON.parse(body.json);
  }

  /** The member asked does not lead; this one may. */
  turnTo(address: string | null): void {
    this.#link.turnTo(address);
  }

  /** Ends what is open, and the session. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const rest = new Promise((resolve) => setTimeout(resolve, 500).unref());
    await Promise.race([rest, new Promise<void>((resolve) => this.#pipeline.close(resolve))]);
    this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask<Type extends "answer" | "admin">(
    request: Parameters<ServerLink["request"]>[0],
    wanted: Type,
    options: CallOptions,
  ): Promise<Extract<LinkAnswer, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const deadline = this.#deadline(options);
      let last = refusal("TIMED_OUT", null);
      let over = false;
      let isUnderWay = false;
      const waited = (cause: RefusedError): RefusedError => {
        const isOpen = request.type === "admin" && isUnderWay && this.#link.nodeId !== null;
        return isOpen ? new RefusedError(refusal("UNKNOWN_OUTCOME", null), { cause }) : cause;
      };
      const end = (act: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        act();
      };
      const abort = (): void => end(() => reject(waited(aborted("TIMED_OUT", signal))));
      const timer = setTimeout(
        () => end(() => reject(waited(new RefusedError(last)))),
        Math.max(0, deadline - performance.now()),
      );
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      const attempt = (): void => {
        if (over) return;
        isUnderWay = true;
        this.#link.request(request, (outcome) => {
          isUnderWay = false;
          if (over) return;
          if (outcome.answered && outcome.body.type === wanted) {
            const { body } = outcome;
            return end(() => resolve(body as Extract<LinkAnswer, { type: Type }>));
          }
          last = refusalOf(outcome);
          const isRepeatable = request.type === "read" || outcome.answered || !outcome.sent;
          if (this.#closed || !PASSING.has(last.code) || !isRepeatable) {
            return end(() => reject(new RefusedError(last)));
          }
          if (outcome.answered && outcome.body.type === "refused" && last.code !== "TIMED_OUT") {
            this.#link.turnTo(outcome.body.leaderAddress);
          }
          setTimeout(attempt, RETRY_MIN_MS + Math.random() * RETRY_SPREAD_MS);
        });
      };
      attempt();
    });
  }

  #deadline({ timeoutMs }: CallOptions): number {
    return performance.now() + (timeoutMs ?? this.#requestTimeoutMs);
  }
}

/** Why no member could take these bytes. Sent all the same, they would cost the connection, and with it all beside them. */
function faultOf(payload: unknown): Refusal | null {
  if (!(payload instanceof Uint8Array)) return refusal("MALFORMED", null, "it must be a Uint8Array");
  if (payload.length <= MAX_CLIENT_PAYLOAD_BYTES) return null;
  return refusal("TOO_LARGE", null, `at most ${String(MAX_CLIENT_PAYLOAD_BYTES)} bytes fit into a request`);
}

type LinkAnswer = Extract<LinkOutcome, { answered: true }>["body"];

function aborted(code: RefusalCode, signal: AbortSignal | undefined): RefusedError {
  return new RefusedError(refusal(code, null, "the caller's signal was aborted"), { cause: signal?.reason });
}
