import type { Configuration, NodeId } from "@balsa/core";

/** The sets of voters of which each decision needs a majority: one, or two while joint. */
export function halvesOf(configuration: Configuration): readonly (readonly NodeId[])[] {
  const { voters, votersOutgoing } = configuration;
  return votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
}

export function majorityOf(voters: readonly NodeId[]): number {
  return (voters.length >> 1) + 1;
}

/** Whether these members decide: a majority of each half. */
export function isQuorum(configuration: Configuration, has: (id: NodeId) => boolean): boolean {
  return halvesOf(configuration).every((half) => {
    let count = 0;
    for (const id of half) if (has(id)) count += 1;
    return count >= majorityOf(half);
  });
}

/**
 * Whether every quorum of the one meets every quorum of the other. Two majorities must meet exactly if together they are
 * more than all voters; and two configurations do when a half of the one does with a half of the other.
 */
export function quorumsIntersect(left: Configuration, right: Configuration): boolean {
  return halvesOf(left).some((leftHalf) =>
    halvesOf(right).some((rightHalf) => {
      const union = new Set([...leftHalf, ...rightHalf]);
      return majorityOf(leftHalf) + majorityOf(rightHalf) > union.size;
    }),
  );
}
