import { completeOptions, InvalidOptionError, type NodeId, type RaftOptions } from "@balsa/core";
import type { Clock } from "../clock.js";
import type { Disk } from "../disk.js";
import type { Network } from "../network.js";
import type { ReplicaEvent } from "../outcome.js";
import type { MemberRecorder } from "../recording/index.js";
import { completeSessionOptions, type SessionOptions } from "../sessions/index.js";
import type { StateMachine } from "../stateMachine.js";
import { MAX_MESSAGE_ENTRIES } from "../wire/index.js";

/** What a member is made of that has a disk for itself. */
export interface ReplicaOptions extends MemberOptions {
  readonly disk: Disk;
}

/** What a member is made of, but for where it keeps what it must not forget. */
export interface MemberOptions {
  readonly id: NodeId;
  /** The group that the member belongs to. Default 1. */
  readonly group?: number;
  readonly network: Network;
  readonly clock: Clock;
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number;
  /** In its initial state. What it had applied comes back from snapshot and log. */
  readonly stateMachine: StateMachine;
  /**
   * The founding members, the same list on each of them; null for a member that will be added to a running cluster. It
   * counts only where the disk is empty. A member whose disk has been lost must never found again under its old name.
   */
  readonly founders: readonly NodeId[] | null;
  /** Settings of the algorithm; the same on all members. */
  readonly raft?: Partial<RaftOptions>;
  /** Settings of client sessions; the same on all members. */
  readonly sessions?: Partial<SessionOptions>;
  readonly limits?: Partial<ReplicaLimits>;
  /** Records all that the core is given. Default: nobody does. */
  readonly recorder?: MemberRecorder;
  /** Hears of everything, in order. Must not throw. */
  readonly onEvent?: (event: ReplicaEvent) => void;
}

export interface ReplicaLimits {
  /** Bytes of applied entries after which a snapshot is taken; so many are held in memory. Default 8 MiB. */
  readonly snapshotEveryBytes: number;
  /** How much of a snapshot is written or read at once. Default 256 KiB. */
  readonly snapshotChunkBytes: number;
  /** Size of one file of the log. Default 64 MiB. */
  readonly segmentBytes: number;
  /** The longest command. Default 1 MiB. */
  readonly maxCommandBytes: number;
  /** Commands that wait for their outcome, before more are refused. Default 65,536. */
  readonly maxWaitingCommands: number;
  /** Reads that wait for their answer, before more are refused. Default 65,536. */
  readonly maxWaitingReads: number;
  /** How long a command or membership change may wait, before its outcome is called unknown. Default 5,000. */
  readonly commandTimeoutMs: number;
  /** How long a read may wait. Default 5,000. */
  readonly readTimeoutMs: number;
}

export const DEFAULT_LIMITS: ReplicaLimits = Object.freeze({
  snapshotEveryBytes: 8 * 1024 * 1024,
  snapshotChunkBytes: 256 * 1024,
  segmentBytes: 64 * 1024 * 1024,
  maxCommandBytes: 1024 * 1024,
  maxWaitingCommands: 65_536,
  maxWaitingReads: 65_536,
  commandTimeoutMs: 5_000,
  readTimeoutMs: 5_000,
});

const MAX_GROUP = 0xffff_ffff;

/** Far enough below the longest message and the longest record that whatever goes with it fits too. */
const MAX_BYTES_AT_ONCE = 16 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;

/** Options with every default filled in. */
export interface CompleteReplicaOptions extends MemberOptions {
  readonly group: number;
  readonly raft: RaftOptions;
  readonly sessions: SessionOptions;
  readonly limits: ReplicaLimits;
}

/** @throws InvalidOptionError naming the option, what it was and what it must be. */
export function completeReplicaOptions(given: MemberOptions): CompleteReplicaOptions {
  const group = given.group ?? 1;
  if (!Number.isSafeInteger(group) || group < 0 || group > MAX_GROUP) {
    throw new InvalidOptionError("group", group, `a whole number from 0 to ${String(MAX_GROUP)}`);
  }
  if (given.founders !== null && !given.founders.includes(given.id)) {
    throw new InvalidOptionError("founders", given.founders, `a list that names this member, ${given.id}, or null`);
  }
  const raft = completeOptions(given.raft);
  const limits = completeLimits(given.limits ?? {});
  const { maxAppendBytes, maxAppendEntries, snapshotChunkBytes } = raft;
  checkAtMost({ maxAppendBytes, snapshotChunkBytes, maxCommandBytes: limits.maxCommandBytes }, MAX_BYTES_AT_ONCE);
  checkAtMost({ maxAppendEntries }, MAX_MESSAGE_ENTRIES);
  checkAtMost({ segmentBytes: limits.segmentBytes }, MAX_SEGMENT_BYTES);
  return { ...given, group, raft, sessions: completeSessionOptions(given.sessions), limits };
}

function checkAtMost(options: Readonly<Record<string, number>>, most: number): void {
  for (const [name, value] of Object.entries(options)) {
    if (value > most) throw new InvalidOptionError(name, value, `at most ${String(most)}`);
  }
}

function completeLimits(given: Partial<ReplicaLimits>): ReplicaLimits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(given) as [string, number | undefined][]) {
    if (!(name in DEFAULT_LIMITS)) throw new InvalidOptionError(name, value, "the name of a limit");
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidOptionError(name, value, "a whole number of at least 1");
    }
    limits[name] = value;
  }
  return Object.freeze(limits as unknown as ReplicaLimits); // every name of the defaults is there, and no other
}
