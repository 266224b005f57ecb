import { connectFramed, ConnectionError, type FramedConnection, type TlsContext } from "@balsa/client/connection";
import type { NodeId } from "@balsa/core";
import { MIN_PROTOCOL_VERSION } from "@balsa/replica";

/** What waits while a connection is being made, before more is dropped: it would mostly be out of date. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** What waits for a connected peer that is slow to take it. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
const BACKOFF_BASE_MS = 20;
const BACKOFF_MAX_MS = 2_000;

/** Who calls; the same for all channels of a node. */
export interface Caller {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly group: number;
  /** Where the caller itself is to be reached. */
  readonly address: string;
  /** Of the protocol, to agree on at most. */
  readonly newestVersion: number;
  readonly tls: TlsContext | null;
  readonly connectTimeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number;
}

export interface ChannelObserver {
  connected(to: NodeId, address: string): void;
  disconnected(to: NodeId, reason: string): void;
  /** Asked before the first attempt and after each that failed: what is said of it each time would fill a log. */
  failed(to: NodeId, address: string, error: Error, attempt: number): void;
}

/**
 * One connection to one peer, made when there is something to send and made anew when it is lost. It never waits for the
 * peer: what can't be queued is dropped, for Raft sends again.
 */
export class PeerChannel {
  readonly to: NodeId;
  droppedMessages = 0;
  sentMessages = 0;
  #closedBytes = 0;
  readonly #caller: Caller;
  readonly #observer: ChannelObserver;
  #address: string | null;
  #connection: FramedConnection | null = null;
  #version: number = MIN_PROTOCOL_VERSION;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dialling: AbortController | null = null;
  #attempts = 0;
  #notBefore = 0;
  #closed = false;

  constructor(to: NodeId, address: string | null, caller: Caller, observer: ChannelObserver) {
    this.to = to;
    this.#address = address;
    this.#caller = caller;
    this.#observer = observer;
  }

  get isConnected(): boolean {
    return this.#connection !== null;
  }

  /** In which version of the protocol the peer understands what is sent now. What waits for a connection must fit any. */
  get version(): number {
    return this.#version;
  }

  get sentBytes(): number {
    return this.#closedBytes + (this.#connection?.sentBytes ?? 0);
  }

  /** The peer has moved; null: nobody knows where it is. */
  setAddress(address: string | null): void {
    if (address === this.#address) return;
    this.#address = address;
    this.#attempts = 0;
    this.#notBefore = 0;
    this.#dialling?.abort();
    this.#connection?.destroy();
  }

  /** Makes the connection anew, where there is one: what is sent on it seems to get nowhere. */
  renew(reason: string): void {
    this.#connection?.destroy(new ConnectionError("SILENT", reason));
  }

  /** Has a connection made, where there is none. */
  connect(): void {
    if (this.#connection === null && !this.#closed && this.#address !== null) this.#dial(this.#address);
  }

  send(payload: Uint8Array): void {
    if (this.#connection !== null) {
      if (this.#connection.send(payload)) this.sentMessages += 1;
      else this.droppedMessages += 1;
      return;
    }
    if (this.#closed || this.#address === null || !this.#dial(this.#address)) {
      this.droppedMessages += 1;
      return;
    }
    if (this.#waitingBytes + payload.length > MAX_WAITING_BYTES) {
      this.droppedMessages += 1;
      return;
    }
    this.#waiting.push(payload);
    this.#waitingBytes += payload.length;
  }

  close(): void {
    this.#closed = true;
    this.#dialling?.abort();
    this.#connection?.destroy();
    this.#dropWaiting();
  }

  /** Returns whether an attempt is under way, now or already. */
  #dial(address: string): boolean {
    if (this.#dialling !== null) return true;
    if (this.#caller.now() < this.#notBefore) return false;
    const dialling = new AbortController();
    this.#dialling = dialling;
    this.#attempts += 1;
    const { id, clusterId, group, tls, connectTimeoutMs } = this.#caller;
    const versions = { minVersion: MIN_PROTOCOL_VERSION, maxVersion: this.#caller.newestVersion };
    const hello = {
      ...versions,
      role: "peer" as const,
      clusterId,
      from: id,
      to: this.to,
      group,
      address: this.#caller.address,
    };
    const options = {
      address,
      hello,
      tls,
      timeoutMs: connectTimeoutMs,
      signal: dialling.signal,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    };
    connectFramed(options).then(
      ({ connection, version }) => {
        this.#dialling = null;
        if (dialling.signal.aborted || this.#closed) return connection.destroy();
        this.#use(connection, address, version);
      },
      (error: unknown) => {
        this.#dialling = null;
        this.#dropWaiting();
        if (dialling.signal.aborted || this.#closed) return;
        const limitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(this.#attempts, 16));
        // Jitter over the whole range keeps members that lost the same peer from calling it all at once.
        this.#notBefore = this.#caller.now() + this.#caller.random() * limitMs;
        const failure = error instanceof Error ? error : new ConnectionError("ERROR", String(error));
        this.#observer.failed(this.to, address, failure, this.#attempts);
      },
    );
    return true;
  }

  #use(connection: FramedConnection, address: string, version: number): void {
    this.#connection = connection;
    this.#version = version;
    this.#attempts = 0;
    this.#notBefore = 0;
    // Messages come on the connections that the peer makes; what it says on this one is nothing that we know.
    connection.onFrames(() =>
      connection.destroy(new ConnectionError("UNEXPECTED", "It sent where it should only listen.")),
    );
    connection.onClose((reason) => {
      this.#closedBytes += connection.sentBytes;
      if (this.#connection === connection) {
        this.#connection = null;
        this.#version = MIN_PROTOCOL_VERSION;
      }
      if (!this.#closed) this.#observer.disconnected(this.to, reason?.message ?? "the connection was closed");
    });
    this.#observer.connected(this.to, address);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const payload of waiting) this.send(payload);
  }

  #dropWaiting(): void {
    this.droppedMessages += this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
