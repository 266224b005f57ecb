import type { Entry, RaftState } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { completeBounds } from "../src/bounds.js";
import type { Member } from "../src/member/member.js";
import { continueHistory, EMPTY_HISTORY, type History } from "../src/rules/history.js";
import { findMismatch } from "../src/rules/logMatching.js";
import { describeMemberViolation } from "../src/rules/memberRules.js";
import { isQuorum, quorumsMeet } from "../src/rules/quorums.js";
import { RULE_NAMES } from "../src/rules/rule.js";
import { World } from "../src/state/world.js";

const world = new World(completeBounds());
const founded = world.members.get(world.foundedState()[0] as number);
const GENESIS = founded.raft.log.entries[0] as Entry;

const entry = (index: number, term: number, byte = 0): Entry => {
  return { index, term, kind: "command", data: Uint8Array.of(byte), configuration: null };
};

/** A member like a new one, but for what is given; its log is the founding entry and `entries`. */
function member(fields: Partial<RaftState>, entries: readonly Entry[] = []): Member {
  const log = { baseIndex: 0, baseTerm: 0, entries: [GENESIS, ...entries] };
  return { ...founded, raft: { ...founded.raft, log, ...fields } };
}

const leader = (term: number, fields: Partial<RaftState> = {}, entries: readonly Entry[] = []): Member =>
  member({ role: "leader", term, ...fields }, entries);

function ruleBroken(history: History, before: Member, after: Member): string {
  const step = continueHistory(history, before, after, new Set(RULE_NAMES));
  return "violation" in step ? step.violation.rule : "none";
}

function historyAfter(history: History, before: Member, after: Member): History {
  const step = continueHistory(history, before, after, new Set(RULE_NAMES));
  if ("violation" in step) throw new Error(step.violation.message);
  return step.history;
}

describe("the history is contradicted by", () => {
  const committed = historyAfter(EMPTY_HISTORY, member({}), leader(2, { commitIndex: 2 }, [entry(2, 2)]));

  test("a second leader of a term", () => {
    expect(ruleBroken(committed, member({ id: "n2" }), leader(2, { id: "n2" }, [entry(2, 2)]))).toBe("electionSafety");
    expect(ruleBroken(committed, member({ id: "n2" }), leader(3, { id: "n2" }, [entry(2, 2)]))).toBe("none");
  });

  test("a leader without what was committed in an earlier term", () => {
    expect(ruleBroken(committed, member({ id: "n2" }), leader(3, { id: "n2" }))).toBe("leaderCompleteness");
  });

  test("but not by one that learns late that it was elected before", () => {
    const later: History = { ...committed, committed: committed.committed.map((c) => ({ ...c, committedIn: 5 })) };
    expect(ruleBroken(later, member({ id: "n2" }), leader(4, { id: "n2" }))).toBe("none");
  });

  test("another entry committed where one has been", () => {
    const other = member({ term: 2, commitIndex: 2 }, [entry(2, 1)]);
    const otherContent = member({ term: 2, commitIndex: 2 }, [entry(2, 2, 7)]);
    const same = member({ term: 2, commitIndex: 2 }, [entry(2, 2)]);
    expect(ruleBroken(committed, member({}), other)).toBe("stateMachineSafety");
    expect(ruleBroken(committed, member({}), otherContent)).toBe("stateMachineSafety");
    expect(ruleBroken(committed, member({}), same)).toBe("none");
  });

  test("a log that follows what was never committed", () => {
    const log = { baseIndex: 2, baseTerm: 1, entries: [] };
    expect(ruleBroken(committed, member({}), member({ log, commitIndex: 2 }))).toBe("stateMachineSafety");
  });
});

describe("one member breaks a rule", () => {
  const rule = (before: Member, after: Member): string => describeMemberViolation(before, after)?.rule ?? "none";

  test("when it cuts its own log as leader, and not as follower", () => {
    const entries = [entry(2, 2)];
    expect(rule(leader(2, {}, entries), leader(2))).toBe("leaderAppendOnly");
    expect(rule(member({ term: 2 }, entries), member({ term: 2 }))).toBe("none");
  });

  test("when its commit index falls, or what it has committed goes", () => {
    expect(rule(member({ commitIndex: 1 }), member({ commitIndex: 0 }))).toBe("committedNeverLost");
    const before = member({ commitIndex: 2 }, [entry(2, 2)]);
    expect(rule(before, member({ commitIndex: 2 }, [entry(2, 3)]))).toBe("committedNeverLost");
  });

  test("when it appends a configuration while another is not committed, or before its term has a commit", () => {
    const configuration = GENESIS.configuration!;
    const change: Entry = { index: 2, term: 2, kind: "configuration", data: new Uint8Array(0), configuration };
    const configurations = [
      { index: 1, configuration },
      { index: 2, configuration },
    ];
    const message = (commitIndex: number): string | undefined =>
      describeMemberViolation(leader(2), leader(2, { configurations, commitIndex }, [change]))?.message;
    expect(message(0)).toContain("while that at 1 was not committed");
    expect(message(1)).toContain("before anything of its term 2 was committed");
  });
});

test("logs that agree on an entry must agree on all before it", () => {
  const log = (...entries: readonly Entry[]) => ({ baseIndex: 0, baseTerm: 0, entries: [...entries] });
  expect(findMismatch(log(entry(1, 1), entry(2, 2)), log(entry(1, 1), entry(2, 3)))).toBeNull();
  expect(findMismatch(log(entry(1, 1), entry(2, 3)), log(entry(1, 2), entry(2, 3)))).toBe(1);
  expect(findMismatch(log(entry(1, 1, 4)), log(entry(1, 1, 5)))).toBe(1);
});

test("a quorum is a majority of each half, and quorums of neighbours meet", () => {
  const simple = (...voters: readonly string[]) => ({ voters, votersOutgoing: [], learners: [], learnersNext: [] });
  const joint = { ...simple("a", "b"), votersOutgoing: ["a", "b", "c", "d"] };
  expect(isQuorum(simple("a", "b", "c"), (id) => id !== "c")).toBe(true);
  expect(isQuorum(simple("a", "b", "c", "d"), (id) => id < "c")).toBe(false);
  expect(isQuorum(joint, (id) => id < "c")).toBe(false);
  expect(isQuorum(joint, (id) => id < "d")).toBe(true);
  expect(quorumsMeet(simple("a", "b", "c", "d"), simple("a", "b", "c"))).toBe(true);
  expect(quorumsMeet(simple("a", "b", "c", "d"), simple("d", "e", "f"))).toBe(false);
  expect(quorumsMeet(simple("a", "b", "c", "d"), joint)).toBe(true);
});
