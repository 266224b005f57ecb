import type { NodeId } from "@balsa/core";
import { refusal, RefusedError, type Replica } from "@balsa/replica";
import { heirOf } from "./heir.js";

/**
 * To whom leadership goes: `to`, which may be this member, or whoever is suited best.
 * @throws RefusedError
 */
export function transferTarget(replica: Replica, to: NodeId | undefined): NodeId {
  const { raft, isStopped } = replica;
  if (isStopped) throw new RefusedError(refusal("STOPPED", null));
  if (raft.role !== "leader") throw new RefusedError(refusal("NOT_LEADER", raft.leader));
  const target = to ?? heirOf(replica.status());
  if (target === null) throw new RefusedError(refusal("NOT_A_VOTER", raft.leader, "there is no other voter"));
  return target;
}
