import {
  completeOptions,
  DEFAULT_OPTIONS,
  InvalidOptionError,
  InvariantError,
  Raft,
  type RaftOptions,
} from "@balsa/core";
import { describe, expect, test } from "vitest";

const setup = { id: "a", random: () => 0.5, now: 0 };

test("missing options take their defaults", () => {
  expect(completeOptions()).toEqual(DEFAULT_OPTIONS);
  expect(completeOptions({ preVote: false })).toEqual({ ...DEFAULT_OPTIONS, preVote: false });
  const undefinedOption = { preVote: undefined } as unknown as Partial<RaftOptions>;
  expect(completeOptions(undefinedOption)).toEqual(DEFAULT_OPTIONS);
  expect(Object.isFrozen(completeOptions())).toBe(true);
});

test.each<[string, unknown]>([
  ["electionTimeoutMs", 0],
  ["electionTimeoutMs", Number.POSITIVE_INFINITY],
  ["heartbeatIntervalMs", "75"],
  ["heartbeatIntervalMs", 151],
  ["preVote", 1],
  ["maxClockDriftRatio", 1],
  ["maxClockDriftRatio", -0.1],
  ["maxClockDriftRatio", "0"],
  ["maxAppendEntries", 0],
  ["maxAppendBytes", 1.5],
  ["logTailEntries", -1],
  ["maxPromotionLagEntries", -1],
  ["tickMs", 10],
])("%s can't be %s", (option, value) => {
  const given = { [option]: value } as Partial<RaftOptions>;
  expect(() => completeOptions(given)).toThrow(InvalidOptionError);
  expect(() => completeOptions(given)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option, value }));
  expect(() => Raft.create({ ...setup, options: given }, ["a"])).toThrow(InvalidOptionError);
});

test("no tail and no lag at all are allowed", () => {
  expect(completeOptions({ logTailEntries: 0, maxPromotionLagEntries: 0, maxClockDriftRatio: 0 })).toBeDefined();
});

test.each([{ checkQuorum: false }, { leaderStickiness: false }])("leases need what they rest on: not %o", (without) => {
  expect(() => completeOptions({ leaseReads: true, ...without })).toThrow("leaseReads");
});

describe("founders", () => {
  test("include the member itself, and have proper names", () => {
    expect(() => Raft.create(setup, ["b", "c"])).toThrow(InvalidOptionError);
    expect(() => Raft.create(setup, [])).toThrow(InvalidOptionError);
    expect(() => Raft.create(setup, ["a", ""])).toThrow(InvalidOptionError);
    expect(() => Raft.create(setup, ["a", "x".repeat(65)])).toThrow(InvalidOptionError);
    const crowd = Array.from({ length: 65 }, (_, i) => (i === 0 ? "a" : `a${i}`));
    expect(() => Raft.create(setup, crowd)).toThrow(InvalidOptionError);
  });

  test("may be given in any order: the first configuration is the same", () => {
    expect(Raft.create(setup, ["c", "a", "b"]).configuration.voters).toEqual(["a", "b", "c"]);
  });
});

test("a random number out of bounds is an error of the caller", () => {
  expect(() => Raft.create({ ...setup, random: () => 1 }, ["a"])).toThrow(InvariantError);
  expect(() => Raft.create({ ...setup, random: () => Number.NaN }, ["a"])).toThrow(
    expect.objectContaining({ code: "INVARIANT_VIOLATED" }),
  );
});

test("how long a group rests is checked where it may rest, and stands in nobody's way elsewhere", () => {
  const slow = { electionTimeoutMs: 60_000, heartbeatIntervalMs: 20_000 };
  expect(completeOptions(slow).restAfterMs).toBe(0);
  expect(() => completeOptions({ ...slow, restAfterMs: 60_000 })).toThrow(/restingHeartbeatIntervalMs/);
  expect(() => completeOptions({ restAfterMs: 299 })).toThrow(/0, or at least electionTimeoutMs/);
  expect(completeOptions({ restAfterMs: 300 }).restAfterMs).toBe(300);
});
