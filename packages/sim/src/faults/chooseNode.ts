import type { NodeId } from "@balsa/core";
import type { NodeChoice } from "../scenario/timedFault.js";
import type { Cluster } from "../world/cluster.js";

/** Who is meant, now. An id is taken as it is, whether there is such a node or not; null when nobody fits. */
export function chooseNode(cluster: Cluster, choice: NodeChoice): NodeId | null {
  const [what, place] = choice.split(":");
  const { voters, learners } = cluster.configuration();
  const leader = cluster.leader()?.id ?? null;
  if (what === "leader") return leader ?? voters[0] ?? null;
  if (place === undefined) return choice;
  const among = what === "voter" ? voters : [...voters, ...learners].filter((id) => id !== leader);
  return among[Number(place) % among.length] ?? null;
}
