import {
  changeConfiguration,
  describeInvalidConfiguration,
  isJoint,
  isVoter,
  leaveJoint,
  MAX_MEMBERS,
  membersOf,
  simpleConfiguration,
  type Configuration,
  type ConfigurationChange,
} from "@balsa/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const IDS = ["a", "b", "c", "d", "e", "f"];
const TYPES = ["addLearner", "promote", "demote", "remove"] as const;

const simple: fc.Arbitrary<Configuration> = fc
  .tuple(fc.subarray(IDS, { minLength: 1 }), fc.subarray(IDS))
  .map(([voters, learners]) =>
    simpleConfiguration(
      voters,
      learners.filter((id) => !voters.includes(id)),
    ),
  );

const changeLists: fc.Arbitrary<ConfigurationChange[]> = fc.array(
  fc.record({ type: fc.constantFrom(...TYPES), id: fc.constantFrom(...IDS) }),
  { maxLength: 5 },
);

function isQuorum(mask: number, { voters, votersOutgoing }: Configuration): boolean {
  const has = (id: string): boolean => (mask & (1 << IDS.indexOf(id))) !== 0;
  return [voters, votersOutgoing].every((half) => half.length === 0 || half.filter(has).length * 2 > half.length);
}

/** Two quorums that don't meet exist exactly if one's complement is a quorum of the other. */
function alwaysMeet(before: Configuration, after: Configuration): boolean {
  const all = (1 << IDS.length) - 1;
  for (let mask = 0; mask <= all; mask += 1) {
    if (isQuorum(mask, before) && isQuorum(all & ~mask, after)) return false;
  }
  return true;
}

/** What the changes mean, or null where one of them can't be made. */
function meant(
  current: Configuration,
  changes: readonly ConfigurationChange[],
): Map<string, "voter" | "learner"> | null {
  const members = new Map<string, "voter" | "learner">();
  for (const id of current.voters) members.set(id, "voter");
  for (const id of current.learners) members.set(id, "learner");
  const needs = {
    addLearner: [undefined],
    promote: ["learner"],
    demote: ["voter"],
    remove: ["voter", "learner"],
  } as const;
  for (const { type, id } of changes) {
    if (!(needs[type] as readonly unknown[]).includes(members.get(id))) return null;
    if (type === "remove") members.delete(id);
    else members.set(id, type === "promote" ? "voter" : "learner");
  }
  const repeated = new Set(changes.map(({ id }) => id)).size < changes.length;
  const voters = [...members.values()].filter((role) => role === "voter").length;
  return repeated || changes.length === 0 || voters === 0 ? null : members;
}

function idsOf(members: ReadonlyMap<string, string>, role: string): string[] {
  return [...members].flatMap(([id, has]) => (has === role ? [id] : [])).sort();
}

describe("changeConfiguration", () => {
  test("leads to what the changes mean, or refuses them all", () => {
    fc.assert(
      fc.property(simple, changeLists, (current, changes) => {
        const before = JSON.stringify(current);
        const expected = meant(current, changes);
        const result = changeConfiguration(current, changes);
        expect(JSON.stringify(current)).toBe(before);
        expect(result.ok).toBe(expected !== null);
        if (!result.ok || expected === null) return;
        const final = isJoint(result.configuration) ? leaveJoint(result.configuration) : result.configuration;
        expect(final).toEqual(simpleConfiguration(idsOf(expected, "voter"), idsOf(expected, "learner")));
      }),
      { numRuns: 1_000 },
    );
  });

  test("gives valid configurations only, each with quorums that meet all those of the one before", () => {
    let joint = 0;
    fc.assert(
      fc.property(simple, changeLists, (current, changes) => {
        const result = changeConfiguration(current, changes);
        if (!result.ok) return;
        const { configuration } = result;
        expect(describeInvalidConfiguration(configuration)).toBeNull();
        expect(alwaysMeet(current, configuration)).toBe(true);
        if (!isJoint(configuration)) {
          expect(configuration.voters).toEqual(current.voters);
          return;
        }
        joint += 1;
        expect(configuration.votersOutgoing).toEqual(current.voters);
        expect(describeInvalidConfiguration(leaveJoint(configuration))).toBeNull();
        expect(alwaysMeet(configuration, leaveJoint(configuration))).toBe(true);
        expect(alwaysMeet(configuration, configuration)).toBe(true);
        expect(changeConfiguration(configuration, changes).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    expect(joint).toBeGreaterThan(50);
  });

  test("without the joint step quorums need not meet: the check can tell", () => {
    expect(alwaysMeet(simpleConfiguration(["a"]), simpleConfiguration(["b"]))).toBe(false);
    expect(alwaysMeet(simpleConfiguration(["a", "b", "c"]), simpleConfiguration(["c", "d", "e"]))).toBe(false);
  });

  test("has a limit on members", () => {
    const full = simpleConfiguration(Array.from({ length: MAX_MEMBERS }, (_, i) => `m${i}`));
    expect(changeConfiguration(full, [{ type: "addLearner", id: "one more" }])).toMatchObject({ ok: false });
    expect(
      changeConfiguration(full, [
        { type: "addLearner", id: "one more" },
        { type: "remove", id: "m1" },
      ]),
    ).toMatchObject({ ok: true });
  });
});

describe("what is asked of a configuration", () => {
  const joint: Configuration = { voters: ["b", "c"], votersOutgoing: ["a", "b"], learners: ["d"], learnersNext: ["a"] };

  test("who votes and who receives the log", () => {
    expect(IDS.filter((id) => isVoter(joint, id))).toEqual(["a", "b", "c"]);
    expect(membersOf(joint)).toEqual(["a", "b", "c", "d"]);
    expect(leaveJoint(joint)).toEqual(simpleConfiguration(["b", "c"], ["a", "d"]));
  });

  test.each<[string, unknown]>([
    ["no object", 7],
    ["null", null],
    ["a missing list", { voters: ["a"], votersOutgoing: [], learners: [] }],
    ["a list that is not sorted", { ...joint, voters: ["c", "b"] }],
    ["a name twice", { ...joint, voters: ["b", "b"] }],
    ["an empty name", { ...joint, learners: [""] }],
    ["a name too long", { ...joint, learners: ["x".repeat(65)] }],
    ["a number for a name", { ...joint, learners: [7] }],
    ["a learner that votes", { ...joint, learners: ["b"] }],
    ["a coming learner that isn't going out", { ...joint, learnersNext: ["d"] }],
    ["a coming learner that is coming in", { ...joint, learnersNext: ["b"] }],
    ["a joint one without incoming voters", { ...joint, voters: [], learnersNext: [] }],
    ["too many", simpleConfiguration(Array.from({ length: 129 }, (_, i) => `m${i}`))],
  ])("is refused with %s", (_, value) => {
    expect(describeInvalidConfiguration(value)).not.toBeNull();
    expect(describeInvalidConfiguration(joint)).toBeNull();
  });
});

test.each<[string, unknown]>([
  ["no list", null],
  ["something like a list", { length: 1 }],
  ["an empty change", [null]],
  ["a change without a name", [{ type: "addLearner" }]],
  ["a name that is no text", [{ type: "addLearner", id: 5 }]],
  ["an unknown type", [{ type: "shout", id: "d" }]],
])("%s is refused with a reason, and does not throw", (_what, changes) => {
  const result = changeConfiguration(simpleConfiguration(["a", "b", "c"]), changes as never);
  expect(result.ok).toBe(false);
  expect(!result.ok && result.reason.length > 0).toBe(true);
});
