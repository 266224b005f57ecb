import type { RaftOptions } from "@balsa/core";
import { KEY_VALUE_COMMAND_NAMES, type ReplicaSettings, type Workload } from "../scenario/scenario.js";
import type { Draw } from "./draw.js";

/** A setting that is left alone in most scenarios, so that each is seen with and without each other one. */
const CHANGED_SHARE = 0.3;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Settings of the algorithm, none of which may cost safety, or liveness once the faults are over. */
export function drawRaftOptions(draw: Draw): Partial<RaftOptions> {
  const electionTimeoutMs = drawElectionTimeout(draw);
  const raft: Writable<Partial<RaftOptions>> = {
    electionTimeoutMs,
    heartbeatIntervalMs: Math.floor(electionTimeoutMs / draw.whole("raft/heartbeat", 2, 6)),
  };
  drawFeatures(draw, raft);
  const changed = (what: keyof RaftOptions): boolean => draw.chance(`raft/${what}/changed`, CHANGED_SHARE);
  const scale = (what: keyof RaftOptions, low: number, high: number): number => draw.scale(`raft/${what}`, low, high);
  if (changed("maxAppendBytes")) raft.maxAppendBytes = scale("maxAppendBytes", 1, 4_096);
  if (changed("maxAppendEntries")) raft.maxAppendEntries = scale("maxAppendEntries", 1, 64);
  if (changed("maxInflightAppends")) raft.maxInflightAppends = scale("maxInflightAppends", 1, 16);
  if (changed("maxInflightBytes")) raft.maxInflightBytes = scale("maxInflightBytes", 64, 16_384);
  if (changed("maxUncommittedBytes")) raft.maxUncommittedBytes = scale("maxUncommittedBytes", 64, 16_384);
  if (changed("maxApplyBytes")) raft.maxApplyBytes = scale("maxApplyBytes", 1, 4_096);
  if (changed("maxPendingReads")) raft.maxPendingReads = scale("maxPendingReads", 1, 32);
  if (changed("snapshotChunkBytes")) raft.snapshotChunkBytes = scale("snapshotChunkBytes", 32, 16_384);
  if (changed("logTailEntries")) raft.logTailEntries = scale("logTailEntries", 1, 1_024) - 1;
  if (changed("maxPromotionLagEntries")) raft.maxPromotionLagEntries = scale("maxPromotionLagEntries", 1, 1_024) - 1;
  return raft;
}

/**
 * A log so short, and snapshots so frequent and so slow to send, that whoever was away for a moment needs one. Of their own
 * the settings rarely come together.
 */
export function drawTinyLog(draw: Draw): { raft: Partial<RaftOptions>; replica: ReplicaSettings } {
  if (!draw.chance("tinyLog", 0.25)) return { raft: {}, replica: {} };
  return {
    raft: {
      logTailEntries: draw.whole("tinyLog/logTailEntries", 0, 4),
      snapshotChunkBytes: draw.scale("tinyLog/snapshotChunkBytes", 32, 128),
    },
    replica: {
      snapshotEveryBytes: draw.scale("tinyLog/snapshotEveryBytes", 256, 1_024),
      segmentBytes: 4_096,
    },
  };
}

/** From what a network in one building allows to what one around the world needs. */
function drawElectionTimeout(draw: Draw): number {
  return draw.chance("raft/electionTimeout/usual", 0.3) ? 300 : draw.scale("raft/electionTimeout", 100, 3_200);
}

/** Leases rest on check-quorum and stickiness, so these are switched off only where there are none. */
function drawFeatures(draw: Draw, raft: Writable<Partial<RaftOptions>>): void {
  if (draw.chance("raft/preVote/off", CHANGED_SHARE)) raft.preVote = false;
  if (draw.chance("raft/leaseReads", CHANGED_SHARE)) {
    raft.leaseReads = true;
    raft.maxClockDriftRatio = draw.part("raft/maxClockDriftRatio", 0.02, 0.5);
    return;
  }
  if (draw.chance("raft/checkQuorum/off", CHANGED_SHARE)) raft.checkQuorum = false;
  if (draw.chance("raft/leaderStickiness/off", CHANGED_SHARE)) raft.leaderStickiness = false;
}

export function drawReplicaSettings(draw: Draw, clients: number): ReplicaSettings {
  const replica: Writable<ReplicaSettings> = {};
  const changed = (what: keyof ReplicaSettings): boolean => draw.chance(`replica/${what}/changed`, CHANGED_SHARE);
  if (changed("snapshotEveryBytes")) replica.snapshotEveryBytes = draw.scale("replica/snapshotEveryBytes", 256, 65_536);
  if (changed("segmentBytes")) replica.segmentBytes = draw.scale("replica/segmentBytes", 4_096, 131_072);
  if (changed("sessionTimeoutMs")) replica.sessionTimeoutMs = draw.scale("replica/sessionTimeoutMs", 250, 16_000);
  if (changed("maxSessions"))
    replica.maxSessions = draw.whole("replica/maxSessions", Math.max(1, clients - 2), clients + 2);
  if (changed("commandTimeoutMs")) replica.commandTimeoutMs = draw.scale("replica/commandTimeoutMs", 100, 12_800);
  if (changed("readTimeoutMs")) replica.readTimeoutMs = draw.scale("replica/readTimeoutMs", 100, 12_800);
  return replica;
}

export function drawWorkload(draw: Draw): Workload & { readonly clients: number } {
  return {
    clients: draw.scale("workload/clients", 1, 24),
    ratePerSecond: draw.scale("workload/ratePerSecond", 2, 128),
    readsPerCommand: draw.part("workload/readsPerCommand", 0, 2),
    keys: draw.scale("workload/keys", 1, 64),
    hotKeyShare: draw.chance("workload/hotKey", CHANGED_SHARE) ? draw.part("workload/hotKeyShare", 0.1, 1) : 0,
    forwardingShare: draw.pick("workload/forwarding", [0, 0.3, 0.3, 0.7, 1]),
    requestTimeoutMs: draw.scale("workload/requestTimeoutMs", 200, 3_200),
    mix: Object.fromEntries(
      KEY_VALUE_COMMAND_NAMES.map((name) => [name, 1 + draw.whole(`workload/mix/${name}`, 0, 8)]),
    ),
  };
}
