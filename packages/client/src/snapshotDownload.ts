import type { NodeId, SnapshotMetadata } from "@balsa/core";
import {
  decodeClientResponse,
  encodeClientRequest,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
  RefusedError,
  type ClientRequestBody,
  type ClientResponseBody,
} from "@balsa/replica";
import {
  connectFramed,
  ConnectionError,
  parseAddress,
  TlsContext,
  type FramedConnection,
  type TlsFiles,
} from "./connection/index.js";

export interface SnapshotDownloadOptions {
  /** HOST:PORT of members; the first that has a snapshot to give is taken. */
  readonly servers: readonly string[];
  /** Default "balsa". */
  readonly clusterId?: string;
  /** Default 1. */
  readonly group?: number;
  readonly tls?: TlsFiles;
  /** For each answer. Default 10,000. */
  readonly timeoutMs?: number;
  /** Take what the member happens to have, without asking a majority. Default false. */
  readonly stale?: boolean;
}

const CHUNK_BYTES = 512 * 1024;
const DEFAULT_TIMEOUT_MS = 10_000;

/** A consistent copy of the replicated state, read from one member chunk by chunk. */
export class SnapshotDownload {
  /** Whose it is. */
  readonly nodeId: NodeId;
  /** Where in the log it was taken, and who the members were. */
  readonly description: Omit<SnapshotMetadata, "sizeBytes" | "checksum">;
  readonly #asking: Asking;

  private constructor(nodeId: NodeId, description: SnapshotDownload["description"], asking: Asking) {
    this.nodeId = nodeId;
    this.description = description;
    this.#asking = asking;
  }

  /**
   * Has a member capture its state; the next one is asked where one can't be reached, or refuses.
   * @throws RefusedError, ConnectionError or BadAddressError of the last one asked, TlsFilesError
   */
  static async begin(options: SnapshotDownloadOptions): Promise<SnapshotDownload> {
    for (const server of options.servers) parseAddress(server);
    const tls = options.tls === undefined ? null : new TlsContext(options.tls, () => undefined);
    let failure: unknown = new ConnectionError("NO_SERVERS", "There is nobody to ask: give the address of a member.");
    for (const server of options.servers) {
      try {
        return await SnapshotDownload.#beginAt(server, tls, options);
      } catch (error) {
        if (!(error instanceof RefusedError || error instanceof ConnectionError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** The next bytes; null when that was all. @throws RefusedError, ConnectionError */
  async next(): Promise<Uint8Array | null> {
    const body = await this.#asking.ask({ type: "snapshotChunk", maxBytes: CHUNK_BYTES }, "snapshotChunk");
    return body.data.length === 0 ? null : body.data;
  }

  close(): void {
    this.#asking.close();
  }

  static async #beginAt(
    address: string,
    tls: TlsContext | null,
    { clusterId = "balsa", group = 1, timeoutMs = DEFAULT_TIMEOUT_MS, stale = false }: SnapshotDownloadOptions,
  ): Promise<SnapshotDownload> {
    const { connection, nodeId } = await connectFramed({
      address,
      hello: {
        minVersion: MIN_PROTOCOL_VERSION,
        maxVersion: MAX_PROTOCOL_VERSION,
        role: "client",
        clusterId,
        from: "snapshot download",
        to: "",
        group,
        address: "",
      },
      tls,
      timeoutMs,
    });
    const asking = new Asking(connection, timeoutMs);
    try {
      const body = await asking.ask({ type: "snapshot", consistency: stale ? "stale" : "linearizable" }, "snapshot");
      return new SnapshotDownload(nodeId, body.description, asking);
    } catch (error) {
      asking.close();
      throw error;
    }
  }
}

/** One question after the other over a connection. */
class Asking {
  readonly #connection: FramedConnection;
  readonly #timeoutMs: number;
  #nextId = 1;
  #waiting: { readonly take: (body: ClientResponseBody) => void; readonly fail: (error: Error) => void } | null = null;
  #ended: Error | null = null;

  constructor(connection: FramedConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    connection.onClose((reason) => {
      const what = "The member closed the connection before the snapshot was whole.";
      this.#ended = reason ?? new ConnectionError("CLOSED", what);
      this.#waiting?.fail(this.#ended);
    });
    connection.onFrames((payloads) => {
      for (const payload of payloads) this.#receive(payload);
    });
  }

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
        this.#connection.send(encodeClientRequest({ requestId: this.#nextId, ...request }));
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
