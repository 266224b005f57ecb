import type { Configuration, Entry } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { member, type Member } from "./support/member.js";
import {
  acknowledge,
  answerHeartbeats,
  append,
  commands,
  elapseInContact,
  elect,
  followerWith,
  freshLeader,
  leader,
  to,
} from "./support/scenes.js";

function configuration(fields: Partial<Configuration>): Configuration {
  return { voters: [], votersOutgoing: [], learners: [], learnersNext: [], ...fields };
}

function configurationEntry(index: number, term: number, fields: Partial<Configuration>): Entry {
  return { index, term, kind: "configuration", data: new Uint8Array(0), configuration: configuration(fields) };
}

/** A leader of a, b and c with d as a learner that has everything. */
function leaderWithLearner(): Member {
  const a = leader();
  a.reconfigure({ type: "addLearner", id: "d" });
  acknowledge(a);
  acknowledge(a, ["d"]);
  a.take();
  return a;
}

describe("a change of learners", () => {
  test("needs one entry, for they don't count in any decision", () => {
    const a = leader();
    expect(a.reconfigure({ type: "addLearner", id: "d" })).toEqual({ ok: true, index: 3, term: 2 });
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a", "b", "c"], learners: ["d"] }));
    acknowledge(a, ["b"]);
    expect(a.raft.commitIndex).toBe(3);
    expect(a.raft.lastLogIndex).toBe(3);
  });

  test("feeds the learner from then on, and its word does not count", () => {
    const a = leader();
    a.take();
    a.reconfigure({ type: "addLearner", id: "d" });
    expect(to("d", a.take())).toMatchObject([{ type: "appendRequest" }]);
    a.receive("d", { type: "appendRejected", rejectedIndex: 3, hintIndex: 0, hintTerm: 0 });
    expect(to("d", a.take())).toMatchObject([{ type: "appendRequest", previousLogIndex: 0, entries: [{}, {}, {}] }]);
    acknowledge(a, ["d"]);
    expect(a.raft.commitIndex).toBe(2);
  });
});

describe("a change of voters goes through a joint configuration (§6)", () => {
  test("that holds from the moment it is appended, and is left when it is committed", () => {
    const a = leaderWithLearner();
    expect(a.reconfigure({ type: "promote", id: "d" })).toEqual({ ok: true, index: 4, term: 2 });
    const joint = configuration({ voters: ["a", "b", "c", "d"], votersOutgoing: ["a", "b", "c"] });
    expect(a.raft.configuration).toEqual(joint);
    acknowledge(a, ["b", "c"], 4);
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a", "b", "c", "d"] }));
    expect(a.raft.lastLogIndex).toBe(5);
    acknowledge(a, ["b", "c"]);
    expect(a.eventsOf("configurationCommitted").map(({ index }) => index)).toEqual([1, 3, 4, 5]);
    expect(a.eventsOf("configurationChanged").map(({ index }) => index)).toEqual([3, 4, 5]);
  });

  test("that is not left when only what came before it is committed", () => {
    const a = leaderWithLearner();
    a.propose("x");
    a.reconfigure({ type: "promote", id: "d" });
    acknowledge(a, ["b", "c"], 4);
    expect([a.raft.commitIndex, a.raft.lastLogIndex]).toEqual([4, 5]);
    expect(a.raft.configuration.votersOutgoing).toEqual(["a", "b", "c"]);
    acknowledge(a, ["b", "c"], 5);
    expect([a.raft.commitIndex, a.raft.lastLogIndex]).toEqual([5, 6]);
  });

  test("in which an entry needs both majorities", () => {
    const a = member({ founders: ["a", "b", "c"] });
    elect(a);
    acknowledge(a);
    a.reconfigure({ type: "remove", id: "b" }, { type: "remove", id: "c" });
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a"], votersOutgoing: ["a", "b", "c"] }));
    expect(a.raft.commitIndex).toBe(2);
    acknowledge(a, ["c"]);
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a"] }));
    expect(a.raft.commitIndex).toBe(4);
  });

  test("in which an election needs both majorities", () => {
    const joint = { voters: ["a", "d", "e"], votersOutgoing: ["a", "b", "c"] };
    const a = followerWith([configurationEntry(2, 2, joint)], { options: { preVote: false } });
    a.wakeAtDeadline();
    expect(a.takeOf("voteRequest").map((request) => request.to)).toEqual(["b", "c", "d", "e"]);
    a.receive("d", { type: "voteResponse", preVote: false, granted: true });
    a.receive("e", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("candidate");
    a.receive("c", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("leader");
  });

  test("in which either half can refuse", () => {
    const joint = { voters: ["a", "d", "e"], votersOutgoing: ["a", "b", "c"] };
    const a = followerWith([configurationEntry(2, 2, joint)], { options: { preVote: false } });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: false });
    a.receive("c", { type: "voteResponse", preVote: false, granted: false });
    expect(a.raft.role).toBe("follower");
  });

  test("for several changes at once", () => {
    const a = leaderWithLearner();
    a.reconfigure(
      { type: "promote", id: "d" },
      { type: "demote", id: "b" },
      { type: "remove", id: "c" },
      { type: "addLearner", id: "e" },
    );
    expect(a.raft.configuration).toEqual(
      configuration({ voters: ["a", "d"], votersOutgoing: ["a", "b", "c"], learners: ["e"], learnersNext: ["b"] }),
    );
    acknowledge(a, ["b", "d"]);
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a", "d"], learners: ["b", "e"] }));
  });
});

describe("a change is refused", () => {
  test("before an entry of the leader's own term is committed (raft-dev, 2015)", () => {
    const a = freshLeader();
    expect(a.reconfigure({ type: "addLearner", id: "d" })).toMatchObject({ ok: false, code: "TERM_NOT_STARTED" });
    acknowledge(a, ["b"]);
    expect(a.reconfigure({ type: "addLearner", id: "d" })).toMatchObject({ ok: true });
  });

  test("while another is not committed, or joint", () => {
    const a = leaderWithLearner();
    a.reconfigure({ type: "promote", id: "d" });
    expect(a.reconfigure({ type: "remove", id: "b" })).toMatchObject({ ok: false, code: "CHANGE_IN_PROGRESS" });
    acknowledge(a, ["b", "c"], 4);
    expect(a.reconfigure({ type: "remove", id: "b" })).toMatchObject({ ok: false, code: "CHANGE_IN_PROGRESS" });
    acknowledge(a, ["b", "c"], 5);
    expect(a.reconfigure({ type: "remove", id: "b" })).toMatchObject({ ok: true });
  });

  test("by who doesn't lead", () => {
    expect(followerWith().reconfigure({ type: "remove", id: "c" })).toMatchObject({ ok: false, code: "NOT_LEADER" });
  });

  test("when it makes no sense, with the reason", () => {
    const a = leader();
    const result = a.reconfigure({ type: "promote", id: "z" });
    expect(result).toEqual({ ok: false, code: "INVALID_CHANGE", reason: "z is not a learner" });
    expect(a.reconfigure()).toMatchObject({ code: "INVALID_CHANGE" });
  });

  test("when the new member's name would be refused by the others", () => {
    const a = leader();
    for (const id of ["", "x".repeat(65)]) {
      expect(a.reconfigure({ type: "addLearner", id })).toMatchObject({ ok: false, code: "INVALID_CHANGE" });
    }
    expect(a.reconfigure({ type: "addLearner", id: "x".repeat(64) })).toMatchObject({ ok: true });
  });
});

describe("a learner is promoted only when it has caught up (thesis §4.2.1)", () => {
  test("not before it has anything", () => {
    const a = leader();
    a.reconfigure({ type: "addLearner", id: "d" });
    acknowledge(a);
    expect(a.reconfigure({ type: "promote", id: "d" })).toMatchObject({ ok: false, code: "NOT_CAUGHT_UP" });
  });

  test("not while it lacks more than it may", () => {
    const a = leader({ options: { maxPromotionLagEntries: 2 } });
    a.reconfigure({ type: "addLearner", id: "d" });
    a.propose("1", "2", "3");
    acknowledge(a);
    acknowledge(a, ["d"], 3);
    expect(a.reconfigure({ type: "promote", id: "d" })).toMatchObject({ code: "NOT_CAUGHT_UP" });
    acknowledge(a, ["d"], 4);
    expect(a.reconfigure({ type: "promote", id: "d" })).toMatchObject({ ok: true });
  });

  test("not when it has gone silent", () => {
    const a = leaderWithLearner();
    elapseInContact(a, 400);
    expect(a.reconfigure({ type: "promote", id: "d" })).toMatchObject({ code: "NOT_CAUGHT_UP" });
    answerHeartbeats(a, ["d"]);
    expect(a.reconfigure({ type: "promote", id: "d" })).toMatchObject({ ok: true });
  });
});

describe("a configuration on a follower", () => {
  const withoutC = { voters: ["a", "b"], votersOutgoing: ["a", "b", "c"] };

  test("holds as soon as it is appended, committed or not", () => {
    const a = followerWith([configurationEntry(2, 2, withoutC)]);
    expect(a.raft.configuration).toEqual(configuration(withoutC));
    expect(a.raft.status().configurationCommitted).toBe(false);
  });

  test("ends when its entry is cut off, and the one before holds again", () => {
    const a = followerWith([configurationEntry(2, 2, withoutC), ...commands(3, 2)]);
    a.receive("c", { ...append({ entries: commands(2, 5) }), term: 5 });
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a", "b", "c"] }));
    expect(a.eventsOf("configurationChanged").map(({ index }) => index)).toEqual([2, 1]);
  });

  test("is the last of several, and the right one is restored by a cut between them", () => {
    const first = { voters: ["a", "b", "c"], learners: ["d"] };
    const second = { voters: ["a", "b", "c"], learners: ["d", "e"] };
    const a = followerWith([configurationEntry(2, 2, first), configurationEntry(3, 2, second)]);
    expect(a.raft.configuration.learners).toEqual(["d", "e"]);
    a.receive("c", { ...append({ previousLogIndex: 2, previousLogTerm: 2, entries: commands(3, 5) }), term: 5 });
    expect(a.raft.configuration.learners).toEqual(["d"]);
  });

  test("is known again after a restart", () => {
    const a = followerWith([configurationEntry(2, 2, withoutC)]);
    expect(a.restarted().raft.configuration).toEqual(configuration(withoutC));
  });

  test("makes a member that waited one that can vote for itself", () => {
    const d = member({ id: "d", founders: null });
    const entries = [configurationEntry(1, 1, { voters: ["a", "b", "d"] })];
    d.receive("b", { ...append({ previousLogIndex: 0, previousLogTerm: 0, entries }), term: 2 });
    expect(d.raft.deadline).toBeLessThan(Infinity);
    d.wakeAtDeadline();
    expect(d.takeOf("voteRequest").map((request) => request.to)).toEqual(["a", "b"]);
  });
});

describe("a joint configuration found after a restart", () => {
  const joint = { voters: ["a", "b"], votersOutgoing: ["a", "b", "c"] };

  test("is left only after it is committed", () => {
    const again = followerWith([configurationEntry(2, 2, joint)]).restarted();
    elect(again);
    expect(again.raft.lastLogIndex).toBe(3);
    expect(again.raft.configuration).toEqual(configuration(joint));
    acknowledge(again, ["b"], 2);
    expect(again.raft.lastLogIndex).toBe(3);
    acknowledge(again, ["b"], 3);
    expect(again.raft.configuration).toEqual(configuration({ voters: ["a", "b"] }));
    expect(again.raft.lastLogIndex).toBe(4);
  });

  test("is left by the new leader also when it was committed before", () => {
    const a = followerWith([configurationEntry(2, 2, joint)]);
    a.receive("b", append({ previousLogIndex: 2, previousLogTerm: 2, commitIndex: 2 }));
    elect(a);
    expect(a.raft.configuration).toEqual(configuration(joint));
    acknowledge(a, ["b"]);
    expect(a.raft.configuration).toEqual(configuration({ voters: ["a", "b"] }));
  });
});

describe("a leader that is removed", () => {
  test("finishes the change outside the quorum, hands over to the most advanced voter, and steps down", () => {
    const a = leader();
    a.reconfigure({ type: "remove", id: "a" });
    acknowledge(a, ["b", "c"]);
    expect(a.raft.configuration).toEqual(configuration({ voters: ["b", "c"] }));
    expect(a.raft.role).toBe("leader");
    acknowledge(a, ["b"]);
    expect(a.raft.role).toBe("leader");
    a.take();
    acknowledge(a, ["c"]);
    expect(a.raft.role).toBe("follower");
    expect(a.takeOf("timeoutNow").map((message) => message.to)).toEqual(["b"]);
    expect(a.raft.deadline).toBe(Infinity);
  });

  test("hands over to the voter with the longest log", () => {
    const a = member({ founders: ["a", "b", "c", "d"] });
    elect(a, ["b", "c"]);
    acknowledge(a);
    a.reconfigure({ type: "remove", id: "a" });
    a.propose("more");
    acknowledge(a, ["b", "c"], 3);
    a.take();
    acknowledge(a, ["d"], 5);
    acknowledge(a, ["c"], 5);
    expect(a.takeOf("timeoutNow").map((message) => message.to)).toEqual(["c"]);
  });

  test("does the same when it becomes a learner", () => {
    const a = leader();
    a.reconfigure({ type: "demote", id: "a" });
    acknowledge(a, ["b", "c"]);
    acknowledge(a, ["b", "c"]);
    expect(a.raft.role).toBe("follower");
    expect(a.raft.configuration).toEqual(configuration({ voters: ["b", "c"], learners: ["a"] }));
  });
});

describe("in a running cluster", () => {
  test("a member joins, catches up, is promoted, and an old one goes", () => {
    const world = cluster();
    const first = world.electLeader();
    first.propose("1", "2", "3");
    world.add("d");
    first.reconfigure({ type: "addLearner", id: "d" });
    world.runUntil(() => world.member("d").appliedIndex >= 6);
    const gone = first.id === "a" ? "b" : "a";
    expect(first.reconfigure({ type: "promote", id: "d" }, { type: "remove", id: gone }).ok).toBe(true);
    world.runUntil(
      () =>
        world.mustLeader().raft.configuration.voters.length === 3 &&
        world.mustLeader().raft.status().configurationCommitted,
    );
    world.crash(gone);
    world.mustLeader().propose("4");
    world.settle();
    expect(world.member("d").commands).toEqual(["1", "2", "3", "4"]);
    expect(world.mustLeader().raft.configuration.voters).toContain("d");
  });

  test("a removed leader is replaced at once, and does not disturb its successors", () => {
    const world = cluster();
    const old = world.electLeader();
    old.reconfigure({ type: "remove", id: old.id });
    const began = world.now;
    world.runUntil(() => world.leader !== null && world.leader.id !== old.id);
    expect(world.now - began).toBeLessThan(100);
    const { term } = world.mustLeader().raft;
    world.run(5_000);
    expect([world.mustLeader().raft.term, world.mustLeader().raft.configuration.voters.length]).toEqual([term, 2]);
  });
});
