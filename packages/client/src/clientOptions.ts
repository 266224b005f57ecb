import type { TlsFiles } from "./connection/index.js";

/** Turns values into bytes and back. */
export interface ClientCodec<Value> {
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

export interface RaftClientOptions {
  /** HOST:PORT of some members; the others are learned. */
  readonly servers: readonly string[];
  /** Default "balsa". */
  readonly clusterId?: string;
  /** Default 1. */
  readonly group?: number;
  readonly tls?: TlsFiles;
  /** What this client calls itself, for the members' logs. Default "client". */
  readonly name?: string;
  /** How long a call waits at most, unless it says otherwise. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Commands and reads that have not ended, before more are refused. Default 16,384. */
  readonly maxInFlight?: number;
  /** For connecting to one member. Default 2,000. */
  readonly connectTimeoutMs?: number;
  /**
   * How long a member may answer nothing while it is asked for something, before another one is asked; doubled each time
   * in a row. Default 2,000.
   */
  readonly silenceTimeoutMs?: number;
}

export interface CallOptions {
  /** Ends the waiting. What was asked for may still happen then. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface ClientReadOptions extends CallOptions {
  /** Default `linearizable`. */
  readonly consistency?: "linearizable" | "lease" | "stale";
}
