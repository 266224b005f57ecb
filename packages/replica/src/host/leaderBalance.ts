import type { Configuration, NodeId } from "@balsa/core";

/**
 * Who should lead a group, so that leaders spread evenly over the hosts: by its number, going round the voters. All members come
 * to the same answer without asking each other. Null while the membership changes.
 */
export function preferredLeader(group: number, configuration: Configuration): NodeId | null {
  const { voters, votersOutgoing } = configuration;
  if (votersOutgoing.length > 0 || voters.length === 0) return null;
  const sorted = [...voters].sort();
  return sorted[group % sorted.length] ?? null;
}
