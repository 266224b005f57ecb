import type { RaftOptions } from "@balsa/core";

/** What may strike hosts. Everything is drawn from the seed. */
export const HOST_FAULTS = ["crash", "powerLoss", "pause", "partition", "loss", "clock"] as const;
export type HostFault = (typeof HOST_FAULTS)[number];

/** A run of hosts with many groups is a pure function of this. */
export interface HostsScenario {
  /** 0 to 4,294,967,295. */
  readonly seed: number;
  /** Named n1, n2, …; each hosts a member of every group. Default 3. */
  readonly hosts?: number;
  /** Numbered from 1. Default 20. */
  readonly groups?: number;
  /** How long clients ask and faults strike. Default 30,000. */
  readonly durationMs?: number;
  /** Default: all. */
  readonly faults?: readonly HostFault[];
  /** Mean time between two faults. Default 3,000. */
  readonly faultEveryMs?: number;
  /** Commands of all clients of a group in a second: so few that groups rest in between. Default 0.5. */
  readonly commandsPerSecond?: number;
  /** Settings of the algorithm; by default groups rest soon. */
  readonly raft?: Partial<RaftOptions>;
}

/** What came of it. */
export interface HostsReport {
  /** What was broken, in words; empty for a run in which everything held. */
  readonly violations: readonly string[];
  readonly commandsCommitted: number;
  readonly readsAnswered: number;
  readonly leaderElections: number;
  /** How often a member began to rest. */
  readonly rests: number;
  readonly faults: Readonly<Record<HostFault, number>>;
  /** How often a host's log was seen to have become shorter. */
  readonly segmentsRemoved: number;
  /** For how many of the groups each host led in the end. */
  readonly led: Readonly<Record<string, number>>;
  /** Of all that happened: the same for the same scenario. */
  readonly digest: string;
}
