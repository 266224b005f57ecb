import type { NodeId, RaftOptions } from "@balsa/core";
import type { ReplicaLimits, SessionOptions, StateMachine } from "@balsa/replica";
import type { TlsFiles } from "@balsa/client/connection";
import type { RecordOptions } from "../recording/fileRecording.js";
import type { Logger } from "./logger.js";
import type { TypedStateMachine } from "./typedStateMachine.js";

/** What a member is made of, but for its state machine. */
export interface MemberOptions {
  readonly id: NodeId;
  /** One process at a time; made if it is not there. What is in it belongs to this member of this cluster alone. */
  readonly dataDirectory: string;
  /** HOST:PORT for peers and clients alike; port 0 takes any that is free. */
  readonly listen: string;
  /** Where others reach this member. Default: what `members` says of it, or else `listen`. */
  readonly advertise?: string;
  /**
   * The founding members with their addresses, the same on each of them; or, with `join`, whom to look for. What the
   * cluster has agreed on since counts for members that are not named here.
   */
  readonly members: Readonly<Record<NodeId, string>>;
  /** This member is not a founder: it waits until a running cluster adds it. Default false. */
  readonly join?: boolean;
  /** Keeps apart clusters whose addresses got mixed up. Default "balsa". */
  readonly clusterId?: string;
  /** Default 1. */
  readonly group?: number;
  /** Mutual TLS for peers and clients. Without it the node listens on loopback addresses only. */
  readonly tls?: TlsFiles;
  /** Listen on any address without TLS: whoever reaches the port can then read and change everything. Default false. */
  readonly insecure?: boolean;
  /**
   * The newest version of the protocol to speak. While members are replaced by newer ones, and it is still to be decided
   * whether that is for good, the version of the older ones. Default: the newest that this one knows.
   */
  readonly protocolVersion?: number;
  readonly raft?: Partial<RaftOptions>;
  readonly sessions?: Partial<SessionOptions>;
  readonly limits?: Partial<ReplicaLimits>;
  /** How long `propose` and `read` wait at most, unless the call says otherwise. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Events that a slow reader of `events()` may fall behind by, before the oldest are dropped. Default 1,024. */
  readonly maxBufferedEvents?: number;
  /** Keep the latest that the member was given, for `balsa replay`. Default: nothing is recorded. */
  readonly record?: RecordOptions;
  /** Where the node tells an operator what happens; shaped as pino's. Default: nowhere. */
  readonly logger?: Logger;
}

/** A member whose state machine takes and gives values. */
export interface RaftNodeOptions<Machine extends TypedStateMachine<never, unknown>> extends MemberOptions {
  readonly stateMachine: Machine;
}

/** A member whose state machine takes and gives bytes. */
export interface BytesNodeOptions<Machine extends StateMachine> extends MemberOptions {
  readonly bytesStateMachine: Machine;
}
