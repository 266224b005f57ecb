import { completeOptions, DEFAULT_OPTIONS, InvalidOptionError, type NodeId, type RaftOptions } from "@balsa/core";
import type { Clock } from "../clock.js";
import type { Disk } from "../disk.js";
import type { Network } from "../network.js";
import type { MemberOptions, ReplicaLimits } from "../replica/replicaOptions.js";

/** What a process that hosts members of many groups is made of. */
export interface ReplicaHostOptions {
  /** The host's name, and that of its member in every group. */
  readonly id: NodeId;
  readonly disk: Disk;
  readonly network: Network;
  readonly clock: Clock;
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number;
  /**
   * Settings of the algorithm for all groups; the same on all hosts. `restAfterMs` is 2,000, or an election timeout if that is
   * longer, unless it says otherwise.
   */
  readonly raft?: Partial<RaftOptions>;
  readonly settings?: Partial<HostSettings>;
}

export interface HostSettings {
  /** Size of one file of the log that all groups share. Default 64 MiB. */
  readonly segmentBytes: number;
  /** Size of the log from which on those groups take snapshots because of which its oldest file can't go. Default 256 MiB. */
  readonly maxLogBytes: number;
  /** To how many milliseconds all timers of groups are put off, so that they are dealt with together. Default 10. */
  readonly timerTickMs: number;
  /** How often it is looked whether a group should be led by another host. Default 1,000; 0: never. */
  readonly balanceIntervalMs: number;
  /** How long a host must have been there before it is handed leadership. Default 3,000. */
  readonly balanceAfterMs: number;
  /** How many groups are handed over at once. Default 50. */
  readonly maxHandOvers: number;
}

export const DEFAULT_HOST_SETTINGS: HostSettings = Object.freeze({
  segmentBytes: 64 * 1024 * 1024,
  maxLogBytes: 256 * 1024 * 1024,
  timerTickMs: 10,
  balanceIntervalMs: 1_000,
  balanceAfterMs: 3_000,
  maxHandOvers: 50,
});

/** A member of a group, but for what the host gives it. */
export interface HostedMemberOptions extends Omit<
  MemberOptions,
  "id" | "group" | "network" | "clock" | "random" | "raft" | "limits"
> {
  /** Any number from 1 on; the same group on all hosts. */
  readonly group: number;
  readonly limits?: Partial<Omit<ReplicaLimits, "segmentBytes">>;
  /** Called before each message that comes for this member is handed over. */
  readonly beforeMessage?: () => void;
}

const LEAST_REST_AFTER_MS = 2_000;

/** A snapshot for each MiB and group: with many groups, what lies behind the last ones adds up. */
export const HOSTED_LIMITS: Partial<ReplicaLimits> = Object.freeze({ snapshotEveryBytes: 1024 * 1024 });

/** @throws InvalidOptionError */
export function completeHostRaftOptions(given: Partial<RaftOptions> = {}): RaftOptions {
  const { electionTimeoutMs = DEFAULT_OPTIONS.electionTimeoutMs, heartbeatIntervalMs = 0 } = given;
  const restingHeartbeatIntervalMs = Math.max(DEFAULT_OPTIONS.restingHeartbeatIntervalMs, heartbeatIntervalMs);
  const restAfterMs = Math.max(LEAST_REST_AFTER_MS, electionTimeoutMs);
  return completeOptions({ restAfterMs, restingHeartbeatIntervalMs, ...given });
}

/** @throws InvalidOptionError */
export function completeHostSettings(given: Partial<HostSettings> = {}): HostSettings {
  const settings: Record<string, number> = { ...DEFAULT_HOST_SETTINGS };
  for (const [name, value] of Object.entries(given) as [string, number | undefined][]) {
    if (!(name in DEFAULT_HOST_SETTINGS)) throw new InvalidOptionError(name, value, "the name of a host's setting");
    if (value === undefined) continue;
    const least = name === "balanceIntervalMs" || name === "balanceAfterMs" ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidOptionError(name, value, `a whole number of at least ${String(least)}`);
    }
    settings[name] = value;
  }
  return Object.freeze(settings as unknown as HostSettings); // every name of the defaults is there, and no other
}
