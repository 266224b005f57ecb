import type { NodeId, RaftOptions } from "@balsa/core";
import type { TlsFiles } from "@balsa/client/connection";
import type { HostSettings, ReplicaLimits, SessionOptions, StateMachine } from "@balsa/replica";
import type { FileSystem } from "../disk/fileSystem.js";
import type { RecordOptions } from "../recording/fileRecording.js";
import type { Logger } from "../raftNode/logger.js";
import type { Histogram, PeerMetrics } from "../raftNode/raftNodeApi.js";
import type { TypedStateMachine } from "../raftNode/typedStateMachine.js";

export interface RaftHostOptions {
  /** The host's name, and that of its member in every group. */
  readonly id: NodeId;
  /** One process at a time; made if it is not there. It holds what the members of all groups must not forget. */
  readonly dataDirectory: string;
  /** HOST:PORT for other hosts and clients alike; port 0 takes any that is free. */
  readonly listen: string;
  /** Where others reach this host. Default: what `hosts` says of it, or else `listen`. */
  readonly advertise?: string;
  /** All hosts with their addresses, this one among them. */
  readonly hosts: Readonly<Record<NodeId, string>>;
  /** Keeps apart clusters whose addresses got mixed up. Default "balsa". */
  readonly clusterId?: string;
  /** Mutual TLS for hosts and clients. Without it the host listens on loopback addresses only. */
  readonly tls?: TlsFiles;
  /** Listen on any address without TLS: whoever reaches the port can then read and change everything. Default false. */
  readonly insecure?: boolean;
  /** Settings of the algorithm for all groups; the same on all hosts. Default: as for a node, and `restAfterMs` 2,000. */
  readonly raft?: Partial<RaftOptions>;
  readonly settings?: Partial<HostSettings>;
  /** Connections at once, of hosts and clients; a client has one for each group. Default 8,192. */
  readonly maxConnections?: number;
  /** Where the host and its members tell an operator what happens; shaped as pino's. Default: nowhere. */
  readonly logger?: Logger;
  /** What the data directory is read and written with; for tests of what happens when that fails. Default: `node:fs`. */
  readonly fileSystem?: FileSystem;
}

/** What a member of one group is made of, but for its state machine. */
export interface GroupMemberOptions {
  /** The group's number, from 1 on; the same on all hosts. Leaders are spread by it. */
  readonly group: number;
  /** The founding members, the same on each of them. Default: all hosts. */
  readonly members?: readonly NodeId[];
  /** This host's member is not a founder: it waits until the group adds it. Default false. */
  readonly join?: boolean;
  readonly sessions?: Partial<SessionOptions>;
  /** As for a node, but for `snapshotEveryBytes`, which is 1 MiB unless said otherwise. The size of segments is the host's. */
  readonly limits?: Partial<Omit<ReplicaLimits, "segmentBytes">>;
  /** How long `propose` and `read` wait at most, unless the call says otherwise. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Events that a slow reader of `events()` may fall behind by, before the oldest are dropped. Default 1,024. */
  readonly maxBufferedEvents?: number;
  /** Keep the latest that the member was given, for `balsa replay`. Default: nothing is recorded. */
  readonly record?: RecordOptions;
}

/** A group whose state machine takes and gives values. */
export interface GroupOptions<Machine extends TypedStateMachine<never, unknown>> extends GroupMemberOptions {
  readonly stateMachine: Machine;
}

/** A group whose state machine takes and gives bytes. */
export interface BytesGroupOptions<Machine extends StateMachine> extends GroupMemberOptions {
  readonly bytesStateMachine: Machine;
}

export interface HostStatus {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly version: string;
  /** HOST:PORT where others reach it. */
  readonly address: string;
  /** Groups with a member here. */
  readonly groups: number;
  /** Of these, how many it leads. */
  readonly led: number;
  /** Of these, how many rest. */
  readonly resting: number;
  /** Of these, in how many no leader is known. */
  readonly leaderless: number;
  /** Of the log that all groups share. */
  readonly logSizeBytes: number;
  /** Syncs of that log. */
  readonly walSyncs: Histogram;
  readonly peers: readonly PeerMetrics[];
  readonly uptimeMs: number;
}
