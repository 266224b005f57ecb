import { isVoter, type NodeId } from "@balsa/core";
import type { ReplicaStatus } from "@balsa/replica";

/** Who is best handed leadership to: the voter that is furthest along and, of several, was heard of last. */
export function heirOf({ configuration, peers }: ReplicaStatus): NodeId | null {
  const voters = peers.filter(({ id }) => isVoter(configuration, id) && configuration.voters.includes(id));
  voters.sort((a, b) => b.matchIndex - a.matchIndex || a.silentMs - b.silentMs);
  return voters[0]?.id ?? null;
}
