import type { Configuration, NodeId } from "@balsa/core";

// Written anew and not taken from the core, for it is the core that is to be checked.

/** The sets of voters of which each decision needs a majority: one, or two while joint. */
function halvesOf({ voters, votersOutgoing }: Configuration): readonly (readonly NodeId[])[] {
  return votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
}

function majorityOf(voters: readonly NodeId[]): number {
  return (voters.length >> 1) + 1;
}

/** Whether these members decide: a majority of each half. */
export function isQuorum(configuration: Configuration, has: (id: NodeId) => boolean): boolean {
  return halvesOf(configuration).every((half) => half.filter((id) => has(id)).length >= majorityOf(half));
}

/** Whether every quorum of the one meets every quorum of the other. */
export function quorumsMeet(left: Configuration, right: Configuration): boolean {
  return halvesOf(left).some((leftHalf) =>
    halvesOf(right).some((rightHalf) => {
      const all = new Set([...leftHalf, ...rightHalf]);
      return majorityOf(leftHalf) + majorityOf(rightHalf) > all.size;
    }),
  );
}
