import {
  decodeClientResponse,
  encodeClientRequest,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
  RefusedError,
  type ClientRequestBody,
  type ClientResponseBody,
} from "@balsa/replica";
import { connectFramed } from "./connectFramed.js";
import { ConnectionError } from "./connectionError.js";
import type { FramedConnection } from "./framedConnection.js";
import type { TlsContext } from "./tlsContext.js";

export interface FramedRequestsOptions {
  /** HOST:PORT */
  readonly address: string;
  readonly clusterId: string;
  readonly group: number;
  /** Who asks, for the log of the member. */
  readonly name: string;
  readonly tls: TlsContext | null;
  /** For connecting, and for each answer. */
  readonly timeoutMs: number;
  /** Ends the connection, and whatever waits. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks one member, over one connection, one question after the other. */
export class FramedRequests {
  readonly nodeId: string;
  readonly #connection: FramedConnection;
  readonly #timeoutMs: number;
  #nextId = 1;
  #waiting: { readonly take: (body: ClientResponseBody) => void; readonly fail: (error: Error) => void } | null = null;
  #ended: Error | null = null;

  private constructor(nodeId: string, connection: FramedConnection, timeoutMs: number) {
    this.nodeId = nodeId;
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    connection.onClose((reason) => {
      this.#ended = reason ?? new ConnectionError("CLOSED", "The member closed the connection.");
      this.#waiting?.fail(this.#ended);
    });
    connection.onFrames((payloads) => {
      for (const payload of payloads) this.#receive(payload);
    });
  }

  /** @throws ConnectionError, BadAddressError */
  static async connect(options: FramedRequestsOptions): Promise<FramedRequests> {
    const { address, clusterId, group, name, tls, timeoutMs, signal } = options;
    const versions = { minVersion: MIN_PROTOCOL_VERSION, maxVersion: MAX_PROTOCOL_VERSION };
    const hello = { ...versions, role: "client" as const, clusterId, from: name, to: "", group, address: "" };
    const { connection, nodeId } = await connectFramed({ address, hello, tls, timeoutMs, ...(signal && { signal }) });
    const requests = new FramedRequests(nodeId, connection, timeoutMs);
    const abort = (): void => requests.close();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    return requests;
  }

  /** @throws RefusedError, ConnectionError */
  async ask<Type extends ClientResponseBody["type"]>(
    request: ClientRequestBody,
    type: Type,
  ): Promise<Extract<ClientResponseBody, { type: Type }>> {
    if (this.#ended !== null) throw this.#ended;
    let timer: NodeJS.Timeout | null = null;
    try {
      const body = await new Promise<ClientResponseBody>((take, fail) => {
        this.#waiting = { take, fail };
        const what = `The member has not answered for ${String(this.#timeoutMs)} ms.`;
        timer = setTimeout(() => fail(new ConnectionError("TIMED_OUT", what)), this.#timeoutMs);
        const isSent = this.#connection.send(encodeClientRequest({ requestId: this.#nextId, ...request }));
        if (!isSent) fail(new ConnectionError("CLOSED", "The connection takes nothing more."));
      });
      if (body.type === "refused") throw new RefusedError(body.refusal);
      if (body.type === type) return body as Extract<ClientResponseBody, { type: Type }>;
      throw new ConnectionError("NOT_BALSA", `The member answered a ${request.type} by a ${body.type}.`);
    } finally {
      this.#waiting = null;
      this.#nextId += 1;
      if (timer !== null) clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection.destroy();
  }

  #receive(payload: Uint8Array): void {
    try {
      const response = decodeClientResponse(payload);
      if (response.requestId === this.#nextId) this.#waiting?.take(response);
    } catch (error) {
      this.#connection.destroy(error as Error);
    }
  }
}
