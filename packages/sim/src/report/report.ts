import type { NodeId, Role } from "@balsa/core";
import type { FaultKind } from "../scenario/timedFault.js";
import type { Scenario } from "../scenario/scenario.js";

/** A rule that did not hold. A run ends with the first. */
export interface Violation {
  /** Name of the check, as in `checks`. */
  readonly check: string;
  readonly step: number;
  readonly timeMs: number;
  /** Where it showed: a node, `client-N`, or `world`. */
  readonly node: string;
  readonly message: string;
}

/** The number for `counter`; for `kv` what is in it, in brief. Null when the node is not up. */
export type MachineState = number | KeyValueDigest | null;

export interface KeyValueDigest {
  readonly keys: number;
  /** Over the JSON text of the array of [key, value] pairs in ascending order of key; hexadecimal. */
  readonly sha256: string;
}

export interface FinalState {
  readonly id: NodeId;
  /**
   * `learner`: follows without a vote. `removed`: no longer a member, and about to be switched off. `down`: not running at
   * the end.
   */
  readonly role: Role | "learner" | "removed" | "down";
  readonly term: number;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly machine: MachineState;
}

export interface MessageCounts {
  readonly sent: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly duplicated: number;
}

/** How many faults of each kind struck. Every kind is there, with 0 where none did. */
export type FaultCounts = Readonly<Record<FaultCountName, number>>;

export const FAULT_COUNT_NAMES = [
  "crashes",
  "clusterCrashes",
  "pauses",
  "partitions",
  "oneWayPartitions",
  "bridges",
  "slowLinks",
  "lossyNetworks",
  "duplicatingNetworks",
  "reorderingNetworks",
  "clockSkews",
  "clockDrifts",
  "lostWrites",
  "tornWrites",
  "bitRot",
  "diskErrors",
  "fullDisks",
  "slowDisks",
  "diskStalls",
  "membersAdded",
  "membersRemoved",
  "membersPromoted",
  "membersDemoted",
  "membersReplaced",
  "leadershipTransfers",
] as const;

export type FaultCountName = (typeof FAULT_COUNT_NAMES)[number];

/** The document that `balsa sim --json` prints. `wallMs` is 0 until the caller, who has a clock, fills it in. */
export interface SimulationSummary {
  readonly ok: boolean;
  readonly seed: number;
  /** Hexadecimal, over everything the run did. */
  readonly digest: string;
  readonly nodes: number;
  readonly simulatedMs: number;
  readonly wallMs: number;
  readonly leaderElections: number;
  readonly commandsSubmitted: number;
  readonly commandsCommitted: number;
  readonly messages: MessageCounts;
  readonly faults: FaultCounts;
  readonly checks: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  readonly linearizable: boolean | "unknown";
  /** Of the members and of all other nodes that were not switched off after leaving. */
  readonly finalStates: readonly FinalState[];
}

export interface LatencySummary {
  readonly count: number;
  readonly minimumMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
}

export interface InjectedFault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** Null for what happens at an instant. */
  readonly untilMs: number | null;
  /** Whom it concerned; empty: everybody. */
  readonly nodes: readonly NodeId[];
  readonly description: string;
}

export type LaneState = Role | "learner" | "paused" | "down" | "absent";

export interface LaneSegment {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly state: LaneState;
  readonly term: number;
}

/** The life of one node, gapless from 0 to the end of the run. */
export interface TimelineLane {
  readonly node: NodeId;
  readonly segments: readonly LaneSegment[];
}

/** All that is told of a run: the summary and what a report for people adds. */
export interface SimulationReport extends SimulationSummary {
  /** The scenario as it was given; with the same one the same run happens again. */
  readonly scenario: Scenario;
  readonly steps: number;
  /** Virtual time at which the faults ended and the cluster had to serve again. */
  readonly faultsEndedMs: number;
  /** How long after that the first fresh command was committed, a majority only being healed; null: never. */
  readonly recoveredAfterMs: number | null;
  /** Reads outside the log that were answered. */
  readonly readsAnswered: number;
  /** Operations whose outcome the client never learned. */
  readonly outcomesUnknown: number;
  readonly commandLatency: LatencySummary;
  readonly readLatency: LatencySummary;
  /** The first `MAX_LISTED_FAULTS` faults, in order. `faults` counts all. */
  readonly injected: readonly InjectedFault[];
  /**
   * How many faults of the scenario's list never struck: they named nobody who was there, could not be, would have been
   * unsound, or came after the end. 0 where a plan drew the faults.
   */
  readonly faultsNotStruck: number;
  /** At most 16 lanes: those of the nodes that are there at the end, and of those that left last. */
  readonly timeline: readonly TimelineLane[];
  /** How many nodes that have left are not in it. */
  readonly lanesOmitted: number;
  /** A source of commands that broke off: which command, and why. Null when none did. */
  readonly inputError: string | null;
}

export const MAX_LISTED_FAULTS = 10_000;

/** To microseconds: a report is for people to read. */
export function roundMs(timeMs: number): number {
  return Math.round(timeMs * 1_000) / 1_000;
}

/** Takes from a report what `--json` prints, with the time it took. */
export function summarize(report: SimulationReport, wallMs: number): SimulationSummary {
  const { ok, seed, digest, nodes, simulatedMs, leaderElections, commandsSubmitted, commandsCommitted } = report;
  const { messages, faults, checks, violations, linearizable, finalStates } = report;
  return {
    ok,
    seed,
    digest,
    nodes,
    simulatedMs,
    wallMs,
    leaderElections,
    commandsSubmitted,
    commandsCommitted,
    messages,
    faults,
    checks,
    violations,
    linearizable,
    finalStates,
  };
}
