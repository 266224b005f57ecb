import { InvalidOptionError } from "./errors.js";

/** Settings of the algorithm. All members of a cluster should have the same. */
export interface RaftOptions {
  /**
   * A follower campaigns after this long without a leader, plus a random part of it again (§5.2). A leader that has not
   * heard from a quorum for this long steps down. Default 300.
   */
  readonly electionTimeoutMs: number;
  /** How often a leader is heard of at least; well below the election timeout. Default 100. */
  readonly heartbeatIntervalMs: number;
  /**
   * A group in which nothing has gone on for so long rests, as long as every member is there: its heartbeats become rare. For
   * those whose host notices by itself when another is gone. At least an election timeout. Default 0: never.
   */
  readonly restAfterMs: number;
  /** How often the leader of a resting group is heard of. Default 10,000. */
  readonly restingHeartbeatIntervalMs: number;
  /** Ask whether an election could be won before disturbing the cluster with a new term (thesis §9.6). Default true. */
  readonly preVote: boolean;
  /** A leader that no longer hears from a quorum steps down (thesis §6.2). Default true. */
  readonly checkQuorum: boolean;
  /** Members that hear from a leader refuse to elect another (thesis §4.2.3). Default true. */
  readonly leaderStickiness: boolean;
  /**
   * Serve reads from a lease, without a round of heartbeats (thesis §6.4.1). Assumes that no two members' clocks run
   * apart by more than `maxClockDriftRatio` over an election timeout; a wrong assumption gives stale reads. Needs
   * `checkQuorum` and `leaderStickiness`. Default false.
   */
  readonly leaseReads: boolean;
  /** By how much one clock may run faster than another, as a part of elapsed time. Default 0.1. */
  readonly maxClockDriftRatio: number;
  /** The entries of one append hold at most this many bytes (or one entry). Default 256 KiB. */
  readonly maxAppendBytes: number;
  /** And at most this many. Default 1,024. */
  readonly maxAppendEntries: number;
  /** Appends on their way to one follower at once. Default 64. */
  readonly maxInflightAppends: number;
  /** No further one leaves while they hold this many bytes. Default 4 MiB. */
  readonly maxInflightBytes: number;
  /** Bytes of entries proposed and not yet committed, before proposals are refused. Default 16 MiB. */
  readonly maxUncommittedBytes: number;
  /** Bytes of committed entries handed out to be applied at once (or one entry). Default 1 MiB. */
  readonly maxApplyBytes: number;
  /** Reads waiting for their index, before more are refused. Default 16,384. */
  readonly maxPendingReads: number;
  /** One chunk of a snapshot on the wire. Default 256 KiB. */
  readonly snapshotChunkBytes: number;
  /** Entries kept behind a snapshot, so that a slow follower needs the log only. Default 1,024. */
  readonly logTailEntries: number;
  /** A learner may be promoted when it lacks at most this many entries. Default 64. */
  readonly maxPromotionLagEntries: number;
}

export const DEFAULT_OPTIONS: RaftOptions = Object.freeze({
  electionTimeoutMs: 300,
  heartbeatIntervalMs: 100,
  restAfterMs: 0,
  restingHeartbeatIntervalMs: 10_000,
  preVote: true,
  checkQuorum: true,
  leaderStickiness: true,
  leaseReads: false,
  maxClockDriftRatio: 0.1,
  maxAppendBytes: 256 * 1024,
  maxAppendEntries: 1_024,
  maxInflightAppends: 64,
  maxInflightBytes: 4 * 1024 * 1024,
  maxUncommittedBytes: 16 * 1024 * 1024,
  maxApplyBytes: 1024 * 1024,
  maxPendingReads: 16_384,
  snapshotChunkBytes: 256 * 1024,
  logTailEntries: 1_024,
  maxPromotionLagEntries: 64,
});

/**
 * Fills in defaults and checks what was given.
 * @throws InvalidOptionError naming the option, what it was and what it must be.
 */
export function completeOptions(given: Partial<RaftOptions> = {}): RaftOptions {
  const options: Record<string, unknown> = { ...DEFAULT_OPTIONS };
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULT_OPTIONS)) throw new InvalidOptionError(name, value, "the name of an option");
    if (value !== undefined) options[name] = value;
  }
  for (const [name, standard] of Object.entries<number | boolean>({ ...DEFAULT_OPTIONS }))
    checkOption(name, options[name], standard);
  const complete = options as unknown as RaftOptions; // every field was checked against its default's type just now
  checkTogether(complete);
  return Object.freeze(complete);
}

function checkOption(name: string, value: unknown, standard: number | boolean): void {
  if (typeof standard === "boolean") {
    if (typeof value !== "boolean") throw new InvalidOptionError(name, value, "true or false");
  } else if (name === "maxClockDriftRatio") {
    if (typeof value !== "number" || !(value >= 0 && value < 1)) {
      throw new InvalidOptionError(name, value, "a number from 0 to below 1");
    }
  } else if (name.endsWith("Ms")) {
    const isNever = value === 0 && name === "restAfterMs";
    if (typeof value !== "number" || !Number.isFinite(value) || !(value > 0 || isNever)) {
      throw new InvalidOptionError(name, value, "a positive number of milliseconds");
    }
  } else {
    const least = name === "logTailEntries" || name === "maxPromotionLagEntries" ? 0 : 1;
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw new InvalidOptionError(name, value, `a whole number of at least ${String(least)}`);
    }
  }
}

function checkTogether(options: RaftOptions): void {
  if (options.heartbeatIntervalMs * 2 > options.electionTimeoutMs) {
    throw new InvalidOptionError(
      "heartbeatIntervalMs",
      options.heartbeatIntervalMs,
      `at most half of electionTimeoutMs (${String(options.electionTimeoutMs)})`,
    );
  }
  if (options.restAfterMs > 0 && options.restAfterMs < options.electionTimeoutMs) {
    throw new InvalidOptionError(
      "restAfterMs",
      options.restAfterMs,
      `0, or at least electionTimeoutMs (${String(options.electionTimeoutMs)})`,
    );
  }
  if (options.restAfterMs > 0 && options.restingHeartbeatIntervalMs < options.heartbeatIntervalMs) {
    throw new InvalidOptionError(
      "restingHeartbeatIntervalMs",
      options.restingHeartbeatIntervalMs,
      `at least heartbeatIntervalMs (${String(options.heartbeatIntervalMs)})`,
    );
  }
  if (options.leaseReads && !(options.checkQuorum && options.leaderStickiness)) {
    throw new InvalidOptionError("leaseReads", true, "false unless checkQuorum and leaderStickiness are both on");
  }
}
