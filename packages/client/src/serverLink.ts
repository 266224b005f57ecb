import type { NodeId } from "@balsa/core";
import {
  decodeClientResponse,
  encodeClientRequest,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
  refusal,
  type ClientRequestBody,
  type ClientResponseBody,
  type Refusal,
} from "@balsa/replica";
import {
  connectFramed,
  ConnectionError,
  type Connected,
  type FramedConnection,
  type TlsContext,
} from "./connection/index.js";

/** What came of a request: an answer, or that there can be none any more. */
export type LinkOutcome =
  | { readonly answered: true; readonly body: ClientResponseBody }
  /** `sent` says whether the member may have got it. */
  | { readonly answered: false; readonly sent: boolean; readonly reason: string };

export interface LinkOptions {
  readonly servers: readonly string[];
  readonly clusterId: string;
  readonly group: number;
  readonly name: string;
  readonly tls: TlsContext | null;
  readonly connectTimeoutMs: number;
  readonly silenceTimeoutMs: number;
}

interface WaitingRequest {
  /** Null: its answer may take any time, as with what operators ask for. */
  readonly sentAt: number | null;
  readonly done: (outcome: LinkOutcome) => void;
}

const BACKOFF_BASE_MS = 10;
const BACKOFF_MAX_MS = 500;
/** Members that have been heard of, beside those that were given. */
const MAX_KNOWN = 64;
const MAX_DOUBLINGS = 3;

/**
 * The connection to one member at a time: the leader, as far as that is known. It is made anew when it is lost, to the next
 * member of those known, and so is one that is there but answers nothing, as that of a process that stands still.
 */
export class ServerLink {
  readonly #options: LinkOptions;
  #known: string[];
  #next = 0;
  #connected: { readonly address: string; readonly nodeId: NodeId; readonly connection: FramedConnection } | null =
    null;
  #dialling = false;
  #attempts = 0;
  #nextRequestId = 1;
  /** In the order of sending. */
  #waiting = new Map<number, WaitingRequest>();
  #heardAt = 0;
  #silences = 0;
  #silenceTimer: NodeJS.Timeout | null = null;
  /** Requests that wait for a connection. */
  #queue: (() => void)[] = [];
  #closed = false;
  #lastFailure = "the connection was closed";
  /** Why each member that was called since the last connection could not be had. */
  readonly #failures = new Map<string, string>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#known = [...options.servers];
  }

  /** Who is at the other end; null while nobody is. */
  get nodeId(): NodeId | null {
    return this.#connected?.nodeId ?? null;
  }

  /** Sends a request once there is a connection. `done` is called once: by the connection's end at the latest. */
  request(body: ClientRequestBody, done: (outcome: LinkOutcome) => void): void {
    if (this.#closed) return done({ answered: false, sent: false, reason: "the client is closed" });
    if (this.#connected !== null) return this.#send(this.#connected.connection, body, done);
    this.#queue.push(() => {
      if (this.#connected === null) done({ answered: false, sent: false, reason: this.#whyNobody() });
      else this.#send(this.#connected.connection, body, done);
    });
    this.#dial();
  }

  /** The member does not lead. Null: try the next one that is known. */
  turnTo(address: string | null): void {
    const connected = this.#connected;
    if (address !== null && !this.#known.includes(address) && this.#known.length < MAX_KNOWN) this.#known.push(address);
    if (connected === null || address === connected.address) return;
    if (address === null) {
      if (this.#known.length === 1) return;
    } else {
      this.#next = this.#known.indexOf(address);
    }
    connected.connection.destroy();
  }

  close(): void {
    this.#closed = true;
    this.#connected?.connection.end(200);
    this.#releaseQueue();
  }

  #send(connection: FramedConnection, body: ClientRequestBody, done: (outcome: LinkOutcome) => void): void {
    const requestId = this.#nextRequestId++;
    if (!connection.send(encodeClientRequest({ requestId, ...body }))) {
      return done({ answered: false, sent: false, reason: "the connection takes nothing more" });
    }
    this.#waiting.set(requestId, { sentAt: body.type === "admin" ? null : performance.now(), done });
    this.#silenceTimer ??= setTimeout(this.#checkSilence, this.#patienceMs);
  }

  get #patienceMs(): number {
    return this.#options.silenceTimeoutMs * 2 ** Math.min(this.#silences, MAX_DOUBLINGS);
  }

  readonly #checkSilence = (): void => {
    this.#silenceTimer = null;
    const connected = this.#connected;
    const oldest = Array.from(this.#waiting.values()).find(({ sentAt }) => sentAt !== null)?.sentAt;
    if (connected === null || oldest === undefined || oldest === null) return;
    const patienceMs = this.#patienceMs;
    const leftMs = Math.max(oldest, this.#heardAt) + patienceMs - performance.now();
    if (leftMs > 0) {
      this.#silenceTimer = setTimeout(this.#checkSilence, Math.ceil(leftMs));
      return;
    }
    this.#silences += 1;
    const what = `${connected.address} has answered nothing for ${String(patienceMs)} ms.`;
    connected.connection.destroy(new ConnectionError("SILENT", what));
  };

  #dial(): void {
    if (this.#dialling || this.#closed) return;
    this.#dialling = true;
    const address = this.#known[this.#next % this.#known.length] as string;
    this.#next = (this.#next + 1) % this.#known.length;
    const { clusterId, group, name, tls, connectTimeoutMs } = this.#options;
    const hello = {
      minVersion: MIN_PROTOCOL_VERSION,
      maxVersion: MAX_PROTOCOL_VERSION,
      role: "client" as const,
      clusterId,
      from: name,
      to: "",
      group,
      address: "",
    };
    connectFramed({ address, hello, tls, timeoutMs: connectTimeoutMs }).then(
      (connected) => this.#use(address, connected),
      (error: unknown) => {
        this.#failures.set(address, error instanceof Error ? error.message : String(error));
        this.#retryLater();
      },
    );
  }

  #whyNobody(): string {
    return this.#failures.size === 0 ? this.#lastFailure : [...this.#failures.values()].join(" ");
  }

  #retryLater(): void {
    this.#attempts += 1;
    const rounds = Math.floor(this.#attempts / this.#known.length);
    const limitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(rounds, 10));
    setTimeout(() => {
      this.#dialling = false;
      // Whoever waited learns that this member was not to be had, and asks again if there is time left.
      this.#releaseQueue();
    }, Math.random() * limitMs);
  }

  #use(address: string, { connection, nodeId }: Connected): void {
    this.#dialling = false;
    if (this.#closed) return connection.destroy();
    this.#attempts = 0;
    this.#failures.clear();
    this.#connected = { address, nodeId, connection };
    connection.onClose((reason) => {
      if (this.#connected?.connection === connection) this.#connected = null;
      this.#lastFailure = reason?.message ?? "the connection was closed";
      const waiting = this.#waiting;
      this.#waiting = new Map();
      if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer);
      this.#silenceTimer = null;
      for (const { done } of waiting.values()) done({ answered: false, sent: true, reason: this.#lastFailure });
    });
    connection.onFrames((payloads) => this.#receive(connection, payloads));
    this.#releaseQueue();
  }

  #receive(connection: FramedConnection, payloads: readonly Uint8Array[]): void {
    this.#heardAt = performance.now();
    this.#silences = 0;
    for (const payload of payloads) {
      let response;
      try {
        response = decodeClientResponse(payload);
      } catch (error) {
        return connection.destroy(error as Error);
      }
      const waiting = this.#waiting.get(response.requestId);
      this.#waiting.delete(response.requestId);
      waiting?.done({ answered: true, body: response });
    }
  }

  #releaseQueue(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const go of queue) go();
  }
}

/** What a request that was not answered, or was answered in an unexpected way, comes to. */
export function refusalOf(outcome: LinkOutcome): Refusal {
  if (!outcome.answered) return refusal(outcome.sent ? "UNKNOWN_OUTCOME" : "NOT_REACHED", null, outcome.reason);
  if (outcome.body.type === "refused") return outcome.body.refusal;
  return refusal("UNKNOWN_OUTCOME", null, `an answer of the type ${outcome.body.type} came`);
}
