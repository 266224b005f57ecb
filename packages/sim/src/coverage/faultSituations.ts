import { DEFAULT_OPTIONS, type NodeId } from "@balsa/core";
import type { TimedFault } from "../scenario/timedFault.js";
import type { CoverageWatch } from "./coverageWatch.js";

/** Situations that a fault brings about as it strikes. `nodes` are those it names; of a bridge, the bridge first. */
export function noteFault(watch: CoverageWatch, fault: TimedFault, nodes: readonly NodeId[]): void {
  const leader = watch.cluster.leader()?.id ?? null;
  const { raft } = watch.world.scenario;
  switch (fault.kind) {
    case "bridge":
      return noteBridge(watch, leader, nodes);
    case "partition":
      return notePartition(watch, leader, nodes, fault.oneWay === true);
    case "clockSkew":
      if (fault.skewMs > (raft?.electionTimeoutMs ?? DEFAULT_OPTIONS.electionTimeoutMs)) {
        watch.reach("clockJumpsPastElectionTimeout");
      }
      return;
    case "clockDrift":
      if (raft?.leaseReads === true && nodes[0] === leader) watch.reach("leaseHeldOnDriftingClock");
      return;
    default:
      return;
  }
}

function noteBridge(watch: CoverageWatch, leader: NodeId | null, [bridge, ...side]: readonly NodeId[]): void {
  watch.reach("bridgeNodePartition");
  if (leader === null) return;
  noteSplit(watch, leader);
  if (leader === bridge) return watch.reach("bridgeNodeLeads");
  if (isWithMinority(watch, leader, side, bridge)) watch.reach("leaderBehindBridge");
}

function notePartition(watch: CoverageWatch, leader: NodeId | null, side: readonly NodeId[], oneWay: boolean): void {
  if (leader === null) return;
  noteSplit(watch, leader);
  if (!isWithMinority(watch, leader, side)) return;
  if (!oneWay) watch.reach("leaderCutOffWithMinority");
  // With `oneWay` the others still hear the side.
  else if (side.includes(leader)) watch.reach("leaderHeardButDeaf");
}

function noteSplit(watch: CoverageWatch, leader: NodeId): void {
  if ((watch.raft(leader)?.configuration.votersOutgoing.length ?? 0) > 0) watch.reach("networkSplitWhileJoint");
}

/** Whether those that stay with the leader are fewer than half of the voters; a bridge counts for neither side. */
function isWithMinority(
  watch: CoverageWatch,
  leader: NodeId,
  side: readonly NodeId[],
  bridge: NodeId | null = null,
): boolean {
  const { voters } = watch.cluster.configuration();
  const isInside = side.includes(leader);
  const company = voters.filter((id) => id !== bridge && side.includes(id) === isInside);
  return company.length * 2 < voters.length;
}
