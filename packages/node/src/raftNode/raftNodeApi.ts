import type { NodeId } from "@balsa/core";
import type { NodeDiagnosis } from "./nodeDiagnosis.js";
import type { Applied, ReplicaEvent, ReplicaReadConsistency, ReplicaStatus } from "@balsa/replica";

export interface WaitOptions {
  /** Ends the waiting. What was asked for may still happen then. */
  readonly signal?: AbortSignal;
  /** Ends the waiting too; 0 or more, Infinity for as long as it takes. Default: `requestTimeoutMs` of the node. */
  readonly timeoutMs?: number;
}

export interface ProposeOptions extends WaitOptions {
  /**
   * A member that does not lead passes the command on and tries again while leaders change; the command takes effect once
   * all the same. With false it is refused with `NOT_LEADER` and a hint. Default true.
   */
  readonly forward?: boolean;
}

export interface ReadOptions extends WaitOptions {
  /** Default `linearizable`. `lease` needs `raft.leaseReads`. */
  readonly consistency?: ReplicaReadConsistency;
}

/** One time of leading. */
export interface Reign {
  /** Rises with every leader: a fencing token. What is written elsewhere under a lower one must be refused there. */
  readonly term: number;
  /** Aborted when leadership is lost, or can no longer be proven: before another member can have been elected. */
  readonly signal: AbortSignal;
}

export type MembershipChange =
  /** Adds a member: as a learner first and, unless `learner`, as a voter once it has caught up. */
  | { readonly type: "add"; readonly id: NodeId; readonly address: string; readonly learner?: boolean }
  | { readonly type: "promote"; readonly id: NodeId }
  | { readonly type: "demote"; readonly id: NodeId }
  | { readonly type: "remove"; readonly id: NodeId }
  /** Adds `id`, and takes `replaced` out in the step that makes `id` a voter. */
  | { readonly type: "replace"; readonly replaced: NodeId; readonly id: NodeId; readonly address: string };

/** What came of a change of the membership. */
export interface ChangeResult {
  /** The change is committed by this entry. */
  readonly index: number;
  /** Nothing was to be done, for it was like this before. */
  readonly already: boolean;
}

/** What came of handing leadership over. */
export interface TransferResult {
  readonly leader: NodeId;
  /** It had led before. */
  readonly already: boolean;
}

export interface NodeStatus extends ReplicaStatus {
  readonly clusterId: string;
  readonly version: string;
  readonly protocolVersion: number;
  /** Where this member is reached. */
  readonly address: string;
  /** Where each member is reached, as far as it is known. */
  readonly addresses: Readonly<Record<NodeId, string>>;
  readonly diskFull: boolean;
  readonly uptimeMs: number;
}

/** Counts since the start, and what holds now. */
export interface NodeMetrics {
  readonly isLeader: boolean;
  readonly hasLeader: boolean;
  readonly leaderChanges: number;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastLogIndex: number;
  readonly snapshotIndex: number;
  readonly logSizeBytes: number;
  readonly proposalsCommitted: number;
  readonly proposalsFailed: number;
  readonly proposalsPending: number;
  readonly readsServed: number;
  readonly readsFailed: number;
  readonly readsPending: number;
  readonly sessions: number;
  readonly snapshotsTaken: number;
  readonly snapshotsInstalled: number;
  readonly diskFull: boolean;
  /** Syncs of the log. */
  readonly walSyncs: Histogram;
  readonly peers: readonly PeerMetrics[];
  readonly clientConnections: number;
}

export interface PeerMetrics {
  readonly id: NodeId;
  readonly connected: boolean;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly receivedMessages: number;
  readonly droppedMessages: number;
}

/** `counts[i]` observations were at most `boundsSeconds[i]`; cumulative, as Prometheus wants it. */
export interface Histogram {
  readonly boundsSeconds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumSeconds: number;
}

export type NodeEvent =
  | ReplicaEvent
  | { readonly type: "peerConnected"; readonly id: NodeId; readonly address: string }
  | { readonly type: "peerDisconnected"; readonly id: NodeId; readonly reason: string }
  | { readonly type: "connectionRefused"; readonly remote: string; readonly code: string; readonly reason: string }
  /** The reader was too slow, and so many events before this one are missing. */
  | { readonly type: "eventsDropped"; readonly count: number };

/** The public door of a member. `RaftNode.open` gives one. */
export interface RaftNodeApi<Command, Result, Machine> extends AsyncDisposable {
  readonly id: NodeId;
  /** HOST:PORT that it listens on. */
  readonly address: string;
  /** Settled when the node has stopped: with null after `close`, else with what stopped it. Never rejects. */
  readonly stopped: Promise<Error | null>;
  propose(command: Command, options?: ProposeOptions): Promise<Result>;
  /** As `propose`, and tells where in the log the command stands. */
  proposeApplied(
    command: Command,
    options?: ProposeOptions,
  ): Promise<{ readonly value: Result } & Omit<Applied, "result">>;
  /** `query` looks at the state machine, and must neither change it nor keep a hold of it. */
  read<T>(query: (machine: Machine) => T, options?: ReadOptions): Promise<T>;
  /** The times in which this node leads, from now on, until the node is closed or the loop is left. */
  leadership(options?: { readonly signal?: AbortSignal }): AsyncIterable<Reign>;
  /** Settles when a leader is known that has committed something in its term. */
  ready(options?: WaitOptions): Promise<{ readonly leader: NodeId; readonly term: number }>;
  /** Changes the membership, on the leader. A change that broke off goes on where it stopped when it is asked for again. @throws RefusedError */
  reconfigure(change: MembershipChange, options?: WaitOptions): Promise<ChangeResult>;
  /** Hands leadership over, on the leader. Default of `to`: the voter that is furthest along. @throws RefusedError */
  transferLeadership(to?: NodeId, options?: WaitOptions): Promise<TransferResult>;
  status(): NodeStatus;
  metrics(): NodeMetrics;
  /** Whether its surroundings are fit for it: settings, times of syncs, and of round trips to the others, measured now. */
  diagnose(): Promise<NodeDiagnosis>;
  /** From now on; read them, or give a signal and abort it, for up to `maxBufferedEvents` are kept. Events are also published on `diagnostics_channel` as `balsa:node:event`, with `{ id, group, event }`. */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<NodeEvent>;
  /** Hands leadership over, finishes what waits, syncs and stops; bounded by `timeoutMs` (default 5,000). */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}
