import type { NodeId, SnapshotMetadata } from "@balsa/core";
import { RefusedError } from "@balsa/replica";
import { ConnectionError, FramedRequests, parseAddress, TlsContext, type TlsFiles } from "./connection/index.js";

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
  /** Ends the download; `begin` and `next` are then rejected. */
  readonly signal?: AbortSignal;
}

const CHUNK_BYTES = 512 * 1024;
const DEFAULT_TIMEOUT_MS = 10_000;

/** A consistent copy of the replicated state, read from one member chunk by chunk. */
export class SnapshotDownload {
  /** Whose it is. */
  readonly nodeId: NodeId;
  /** Where in the log it was taken, and who the members were. */
  readonly description: Omit<SnapshotMetadata, "sizeBytes" | "checksum">;
  readonly #asking: FramedRequests;

  private constructor(nodeId: NodeId, description: SnapshotDownload["description"], asking: FramedRequests) {
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
        if (options.signal?.aborted === true) break;
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
    { clusterId = "balsa", group = 1, timeoutMs = DEFAULT_TIMEOUT_MS, stale = false, signal }: SnapshotDownloadOptions,
  ): Promise<SnapshotDownload> {
    const name = "snapshot download";
    const asking = await FramedRequests.connect({ address, clusterId, group, name, tls, timeoutMs, signal });
    try {
      const body = await asking.ask({ type: "snapshot", consistency: stale ? "stale" : "linearizable" }, "snapshot");
      return new SnapshotDownload(asking.nodeId, body.description, asking);
    } catch (error) {
      asking.close();
      throw error;
    }
  }
}
