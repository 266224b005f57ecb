import { describe, expect, test } from "vitest";
import { member } from "./support/member.js";
import { acknowledge, append, commands, elect, followerWith, freshLeader, leader } from "./support/scenes.js";

describe("an entry is committed (§5.3, §5.4.2)", () => {
  test("when a majority holds it durably", () => {
    const a = member({ founders: ["a", "b", "c", "d", "e"] });
    elect(a, ["b", "c"]);
    acknowledge(a, ["b"]);
    expect(a.raft.commitIndex).toBe(0);
    acknowledge(a, ["d"]);
    expect(a.raft.commitIndex).toBe(2);
    expect(a.eventsOf("entriesCommitted")).toEqual([{ type: "entriesCommitted", commitIndex: 2 }]);
  });

  test("of an earlier term only together with one of the leader's own (figure 8)", () => {
    const a = elect(followerWith(commands(2, 2, 2)));
    expect(a.raft.term).toBe(3);
    acknowledge(a, ["b", "c"], 3);
    expect(a.raft.commitIndex).toBe(0);
    acknowledge(a, ["b"], 4);
    expect(a.raft.commitIndex).toBe(4);
    expect(a.commands).toEqual(["2@2", "3@2"]);
  });

  test("with the leader's own disk counting like any other: not before it is durable there", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("x");
    acknowledge(a, ["b"]);
    expect(a.raft.commitIndex).toBe(2);
    a.sync();
    expect(a.raft.commitIndex).toBe(3);
  });

  test("without the leader's disk, where the others are majority enough", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("x");
    acknowledge(a, ["b", "c"]);
    expect(a.raft.commitIndex).toBe(3);
    expect(a.commands).toEqual(["x"]);
  });

  test("on a single member only when its disk has it", () => {
    const a = elect(member({ founders: ["a"] }), []);
    a.holdDisk = true;
    a.propose("x");
    expect([a.raft.commitIndex, a.commands]).toEqual([2, []]);
    a.sync();
    expect([a.raft.commitIndex, a.commands]).toEqual([3, ["x"]]);
  });

  test("in the order of the log, and applied once", () => {
    const a = leader();
    a.propose("1", "2");
    a.propose("3");
    acknowledge(a, ["b"], 4);
    acknowledge(a, ["c"], 5);
    acknowledge(a, ["b"], 5);
    expect(a.commands).toEqual(["1", "2", "3"]);
    expect(a.appliedEntries.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("the commit index", () => {
  test("never falls, whatever an old message says", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 3 }));
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 1 }));
    a.receive("b", { type: "heartbeatRequest", commitIndex: 2, round: 1, mayRest: false });
    expect(a.raft.commitIndex).toBe(3);
  });

  test("reaches a follower with a heartbeat, too", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", { type: "heartbeatRequest", commitIndex: 3, round: 1, mayRest: false });
    expect(a.commands).toEqual(["2@2", "3@2"]);
  });

  test("begins at the snapshot after a restart, and what follows is learned anew", () => {
    const a = leader();
    a.propose("1", "2");
    acknowledge(a);
    a.takeSnapshot();
    a.propose("3");
    acknowledge(a);
    const again = a.restarted();
    expect([again.raft.commitIndex, again.commands]).toEqual([4, ["1", "2"]]);
    again.elapse(301);
    elect(again);
    acknowledge(again);
    expect(again.commands).toEqual(["1", "2", "3"]);
  });
});

test("a figure 8 history: an entry that a majority had, but of an old term, may still be lost, and nobody applied it", () => {
  // a led term 2 and put entry 2 on itself and b; e led term 3 and has another entry 2; a leads term 4.
  const a = elect(member({ founders: ["a", "b", "c", "d", "e"] }), ["b", "c"]);
  a.propose("from term 2");
  expect(a.raft.lastLogIndex).toBe(3);
  a.receive("e", { type: "heartbeatResponse", round: 0, resting: false, term: 3 });
  a.elapse(301);
  elect(a, ["b", "c"]);
  expect(a.raft.term).toBe(4);
  acknowledge(a, ["b", "c"], 3);
  expect(a.raft.commitIndex).toBe(0);
  // e comes back and wins term 5 with a later last term; it overwrites entry 2 and 3 on a.
  a.elapse(300);
  expect(a.raft.role).not.toBe("leader");
  a.receive("e", { ...append({ entries: commands(2, 3, 5), commitIndex: 3 }), term: 5 });
  expect(a.commands).toEqual(["2@3", "3@5"]);
});

test("nothing is committed by a leader that nobody has answered", () => {
  const a = freshLeader();
  a.propose("x");
  expect(a.raft.commitIndex).toBe(0);
  expect(a.raft.status()).toMatchObject({ durableIndex: 3, commitIndex: 0 });
});
