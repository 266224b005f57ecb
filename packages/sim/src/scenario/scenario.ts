import type { RaftOptions } from "@balsa/core";
import type { FaultClass, FaultKind, TimedFault } from "./timedFault.js";
import type { TimedRequest } from "./timedRequest.js";

export type MachineName = "counter" | "kv";

/** A run of the simulator is a pure function of this document. */
export interface Scenario {
  readonly version: 1;
  /** Where the published schema is, for editors; it means nothing to a run. */
  readonly $schema?: string;
  readonly name?: string;
  readonly description?: string;
  /** 0 to 4,294,967,295. */
  readonly seed: number;
  /** Voters at the start, named n1, n2, …; 1 to 9. */
  readonly nodes: number;
  readonly machine: MachineName;
  /** Settings of the algorithm that differ from its defaults. */
  readonly raft?: Partial<RaftOptions>;
  readonly replica?: ReplicaSettings;
  /** The newest version of the protocol that members speak, until an `upgrade`. Default: the newest there is. */
  readonly protocolVersion?: number;
  readonly workload?: Workload;
  /** Faults listed one by one, or a plan to draw them by. Default: none. */
  readonly faults?: readonly TimedFault[] | FaultPlan;
  /**
   * How long the run proper lasts. Without it the run lasts until all commands are answered. One of `durationMs`,
   * `workload.commands` and a source of commands is needed.
   */
  readonly durationMs?: number;
  readonly liveness?: LivenessBounds;
}

export interface ReplicaSettings {
  /** Bytes of applied entries after which a snapshot is taken. Default 8 KiB, so that snapshots happen. */
  readonly snapshotEveryBytes?: number;
  readonly segmentBytes?: number;
  readonly sessionTimeoutMs?: number;
  readonly maxSessions?: number;
  readonly commandTimeoutMs?: number;
  readonly readTimeoutMs?: number;
}

export interface Workload {
  /** Clients at work at once. Default 5. */
  readonly clients?: number;
  /** Commands of all clients together; without it they go on until the run's end. */
  readonly commands?: number;
  /** Commands of all clients together in a simulated second. Default 10. */
  readonly ratePerSecond?: number;
  /** Reads outside the log for each command. Default 0.5. */
  readonly readsPerCommand?: number;
  /** Keys of the key-value machine. Default 4. */
  readonly keys?: number;
  /** How often it is the first key, whatever else would have been drawn. Default 0. */
  readonly hotKeyShare?: number;
  /** How often a member that does not lead is asked to pass a command on. Default 0.3. */
  readonly forwardingShare?: number;
  /** How often each kind of command of the key-value machine comes, relative to the others. */
  readonly mix?: Readonly<Partial<Record<KeyValueCommandName, number>>>;
  /** A request that isn't answered within this is sent again. Default 1,000. */
  readonly requestTimeoutMs?: number;
  /**
   * What is asked for, one by one, in place of drawing it: then only `requestTimeoutMs` and `forwardingShare` may stand
   * beside it.
   */
  readonly requests?: readonly TimedRequest[];
}

export const KEY_VALUE_COMMAND_NAMES = ["get", "put", "delete", "compareAndSet", "append"] as const;
export type KeyValueCommandName = (typeof KEY_VALUE_COMMAND_NAMES)[number];

export interface FaultPlan {
  readonly classes: readonly FaultClass[];
  /** How often faults strike, relative to the usual. Default 1. */
  readonly intensity?: number;
  /** How often those of a class strike, relative to the others. Default 1. */
  readonly intensities?: Readonly<Partial<Record<FaultClass, number>>>;
  /** Which part of a kind's faults strikes: 0 none of them, 1 all that its class brings. Default 1. */
  readonly shares?: Readonly<Partial<Record<FaultKind, number>>>;
}

export interface LivenessBounds {
  /** With a majority healed a fresh command must be committed within this. Default 30 election timeouts. */
  readonly serveWithinMs?: number;
  /** With everything healed all members must have caught up within this. Default 100 election timeouts. */
  readonly catchUpWithinMs?: number;
}
