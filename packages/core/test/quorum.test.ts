import { quorumValue, simpleConfiguration, voteOutcome, type Configuration } from "@balsa/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];

const configurations: fc.Arbitrary<Configuration> = fc
  .tuple(fc.subarray(IDS), fc.subarray(IDS), fc.boolean())
  .map(([voters, outgoing, joint]) => ({
    voters,
    votersOutgoing: joint && voters.length > 0 ? outgoing : [],
    learners: [],
    learnersNext: [],
  }));

function subsets(ids: readonly string[]): string[][] {
  return ids.reduce<string[][]>((all, id) => [...all, ...all.map((subset) => [...subset, id])], [[]]);
}

/** The definition: more than half of the voters, and of the outgoing ones where there are some. */
function isQuorum(members: readonly string[], { voters, votersOutgoing }: Configuration): boolean {
  return [voters, votersOutgoing].every(
    (half) => half.length === 0 || half.filter((id) => members.includes(id)).length * 2 > half.length,
  );
}

describe("quorumValue", () => {
  test("is the largest value that all members of some quorum have reached", () => {
    const values = fc.tuple(...IDS.map(() => fc.integer({ min: 0, max: 5 })));
    fc.assert(
      fc.property(configurations, values, (configuration, reached) => {
        const valueOf = (id: string): number => reached[IDS.indexOf(id)] ?? 0;
        const quorums = subsets(IDS).filter((members) => isQuorum(members, configuration));
        const expected = Math.max(...quorums.map((members) => Math.min(...members.map(valueOf))));
        expect(quorumValue(configuration, valueOf)).toBe(expected);
      }),
    );
  });

  test.each([
    [[5], 5],
    [[5, 3], 3],
    [[5, 3, 9], 5],
    [[5, 3, 9, 1], 3],
    [[5, 3, 9, 1, 7], 5],
    [[10, 9, 100, 8, 20], 10],
  ])("of %j is %i", (reached, expected) => {
    const voters = IDS.slice(0, reached.length);
    expect(quorumValue(simpleConfiguration(voters), (id) => reached[IDS.indexOf(id)] ?? 0)).toBe(expected);
  });

  test("is without a limit where nobody votes", () => {
    expect(quorumValue(simpleConfiguration([]), () => 0)).toBe(Infinity);
  });

  test("takes times of minus infinity for what they are", () => {
    expect(quorumValue(simpleConfiguration(["a", "b", "c"]), (id) => (id === "a" ? 7 : -Infinity))).toBe(-Infinity);
  });
});

describe("voteOutcome", () => {
  test("is won when a quorum has granted, lost when none can any more, else pending", () => {
    const answers = fc.tuple(...IDS.map(() => fc.constantFrom(true, false, null)));
    fc.assert(
      fc.property(configurations, answers, (configuration, votes) => {
        const voteOf = (id: string): boolean | null => votes[IDS.indexOf(id)] ?? null;
        const granted = IDS.filter((id) => voteOf(id) === true);
        const possible = IDS.filter((id) => voteOf(id) !== false);
        const expected = isQuorum(granted, configuration)
          ? "won"
          : isQuorum(possible, configuration)
            ? "pending"
            : "lost";
        expect(voteOutcome(configuration, voteOf)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
