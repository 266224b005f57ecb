import type { NodeId } from "@balsa/core";

/** The classes that faults are chosen by. */
export const FAULT_CLASSES = ["network", "crash", "disk", "clock", "membership"] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/**
 * Names a node by id, or by what it is at that moment: `leader`; `voter:K` and `follower:K` count through the members
 * of that moment (modulo how many there are).
 */
export type NodeChoice = NodeId;

interface At {
  /** Virtual time at which it strikes. */
  readonly atMs: number;
}

interface Lasting extends At {
  readonly durationMs: number;
}

interface MayWait {
  /** Wait, for up to 200 ms, until the leader has entries that aren't committed: that is when most can go wrong. */
  readonly whenBusy?: boolean;
}

/** Messages between members (all, or from `from` to `to`) are lost, repeated or overtaken with this probability. */
export interface MessageFault extends Lasting {
  readonly kind: "loss" | "duplication" | "reordering";
  readonly rate: number;
  readonly from?: NodeChoice;
  readonly to?: NodeChoice;
}

/** Messages of one link, or of all, take this much longer. */
export interface SlowLinkFault extends Lasting {
  readonly kind: "slowLink";
  readonly extraDelayMs: number;
  readonly from?: NodeChoice;
  readonly to?: NodeChoice;
}

/** The nodes of `side` and all others don't hear each other; with `oneWay` the others still hear `side`. */
export interface PartitionFault extends Lasting, MayWait {
  readonly kind: "partition";
  readonly side: readonly NodeChoice[];
  readonly oneWay?: boolean;
}

/** Two halves hear each other only through the bridge node, which hears all. */
export interface BridgeFault extends Lasting {
  readonly kind: "bridge";
  readonly bridge: NodeChoice;
  readonly side: readonly NodeChoice[];
}

/** What becomes of what was written and not synced: it stays, for only the process died, or any part of it goes. */
export type UnsyncedFate = "keep" | "lose";

/** The process dies; it starts again after `durationMs`. */
export interface CrashFault extends Lasting, MayWait {
  readonly kind: "crash";
  readonly node: NodeChoice;
  /** Default `keep`. With `lose` the disk lags first, so that there is something to lose or to tear. */
  readonly unsynced?: UnsyncedFate;
}

/** All processes die at once. */
export interface ClusterCrashFault extends Lasting {
  readonly kind: "clusterCrash";
  /** Default `keep`. */
  readonly unsynced?: UnsyncedFate;
}

/** The process ends, and after `durationMs` another takes its place that speaks this version of the protocol, and older ones. */
export interface UpgradeFault extends Lasting {
  readonly kind: "upgrade";
  readonly node: NodeChoice;
  readonly version: number;
}

/** The process does nothing for a while, and then goes on as if no time had passed. */
export interface PauseFault extends Lasting {
  readonly kind: "pause";
  readonly node: NodeChoice;
}

/** The clock jumps ahead. (It is monotonic, so it never goes back.) */
export interface ClockSkewFault extends At {
  readonly kind: "clockSkew";
  readonly node: NodeChoice;
  readonly skewMs: number;
}

/** The clock runs faster or slower: 1.05 is 5 % fast. */
export interface ClockDriftFault extends Lasting {
  readonly kind: "clockDrift";
  readonly node: NodeChoice;
  readonly rate: number;
}

/** Bits flip in what was durable for good. The node crashes, finds the damage when it starts, and stays down. */
export interface BitRotFault extends At {
  readonly kind: "bitRot";
  readonly node: NodeChoice;
}

/** The next operation of the disk fails. The replica stops, and starts again after `durationMs`. */
export interface DiskErrorFault extends Lasting {
  readonly kind: "diskError";
  readonly node: NodeChoice;
}

/** Writes fail for want of space; the replica stops, and starts again when there is space. */
export interface FullDiskFault extends Lasting {
  readonly kind: "fullDisk";
  readonly node: NodeChoice;
}

/** A sync of the disk takes at least so long, and as long again on average. */
export interface SlowDiskFault extends Lasting {
  readonly kind: "slowDisk";
  readonly node: NodeChoice;
  readonly syncMs: number;
}

/** No operation of the disk ends for a while. */
export interface DiskStallFault extends Lasting {
  readonly kind: "diskStall";
  readonly node: NodeChoice;
}

/** A fresh node joins as a learner. */
export interface AddMemberFault extends At {
  readonly kind: "addMember";
}

/** A learner becomes a voter. */
export interface PromoteFault extends At {
  readonly kind: "promote";
}

/** A voter becomes a learner, or leaves. */
export interface DemoteOrRemoveFault extends At {
  readonly kind: "demote" | "removeMember";
  readonly node: NodeChoice;
}

/** A fresh node takes the place of `node` (of a damaged one first, when there is one). */
export interface ReplaceMemberFault extends At {
  readonly kind: "replaceMember";
  readonly node: NodeChoice;
}

/** The leader is asked to hand over to `to`. */
export interface TransferLeadershipFault extends At {
  readonly kind: "transferLeadership";
  readonly to: NodeChoice;
}

/** One fault, at one time. A scenario may list them, or have them drawn. */
export type TimedFault =
  | MessageFault
  | SlowLinkFault
  | PartitionFault
  | BridgeFault
  | CrashFault
  | ClusterCrashFault
  | UpgradeFault
  | PauseFault
  | ClockSkewFault
  | ClockDriftFault
  | BitRotFault
  | DiskErrorFault
  | FullDiskFault
  | SlowDiskFault
  | DiskStallFault
  | AddMemberFault
  | PromoteFault
  | DemoteOrRemoveFault
  | ReplaceMemberFault
  | TransferLeadershipFault;

export type FaultKind = TimedFault["kind"];

export const FAULT_KINDS: readonly FaultKind[] = [
  "loss",
  "duplication",
  "reordering",
  "slowLink",
  "partition",
  "bridge",
  "crash",
  "clusterCrash",
  "upgrade",
  "pause",
  "clockSkew",
  "clockDrift",
  "bitRot",
  "diskError",
  "fullDisk",
  "slowDisk",
  "diskStall",
  "addMember",
  "promote",
  "demote",
  "removeMember",
  "replaceMember",
  "transferLeadership",
];
