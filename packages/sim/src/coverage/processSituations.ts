import type { Raft } from "@balsa/core";
import { isQuorum } from "../invariants/configurationRules.js";
import type { ClusterNode } from "../world/clusterNode.js";
import type { CoverageWatch } from "./coverageWatch.js";
import type { MemberNotes } from "./memberNotes.js";

/** A process begins with what the disk had; what it knew beside that is gone. */
export function noteStarted(notes: MemberNotes, raft: Raft): void {
  notes.role = raft.role;
  notes.term = raft.term;
  notes.transferringTo = null;
  notes.configurationIndex = 0;
  notes.cutFrom = Infinity;
  notes.incoming = null;
  notes.askedInTerm = 0;
  notes.votedBeforeStart = raft.vote === null ? 0 : raft.term;
}

export function noteStopped(
  watch: CoverageWatch,
  node: ClusterNode,
  notes: MemberNotes,
  becomes: "down" | "lost" | "retired",
): void {
  if (becomes === "lost") watch.reach("damagedLogFound");
  if (becomes !== "down") return;
  if (node.state === "starting") watch.reach("crashWhileRecovering");
  const raft = node.replica?.raft;
  if (raft === undefined) return;
  const asLeader = raft.role === "leader";
  notes.stopped = { asLeader, lastIndex: raft.lastLogIndex, elections: watch.world.checker.leaderElections };
  if (notes.incoming !== null) watch.reach("crashWhileReceivingSnapshot");
  if (asLeader) {
    if (raft.lastLogIndex > raft.commitIndex) watch.reach("leaderCrashesWithUncommittedEntries");
    if (raft.configuration.votersOutgoing.length > 0) watch.reach("leaderCrashesWhileJoint");
    if (notes.transferringTo !== null) watch.reach("leaderCrashesWhileHandingOver");
  }
  const others = watch.cluster.running().filter((other) => other !== node);
  if (others.length === 0) return watch.reach("wholeClusterDown");
  const up = new Set(others.map(({ id }) => id));
  if (!isQuorum(watch.cluster.configuration(), (id) => up.has(id))) watch.reach("majorityDown");
}

/** It goes on as if no time had passed. */
export function noteResumed(watch: CoverageWatch, node: ClusterNode): void {
  const raft = node.replica?.raft;
  if (node.paused && raft?.role === "leader" && raft.term < watch.latestReign) watch.reach("pausedLeaderWakesDeposed");
}
