import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { acknowledge, answerHeartbeats, append, elapseInContact, followerWith, leader } from "./support/scenes.js";

describe("handing leadership over (thesis §3.10)", () => {
  test("tells a follower that has everything to campaign at once", () => {
    const a = leader();
    expect(a.transfer("b")).toEqual({ ok: true });
    expect(a.take()).toEqual([{ type: "timeoutNow", from: "a", to: "b", term: 2 }]);
    expect(a.raft.status().transferringTo).toBe("b");
    expect(a.eventsOf("leadershipTransferStarted")).toEqual([{ type: "leadershipTransferStarted", to: "b" }]);
  });

  test("brings a follower up to date first", () => {
    const a = leader();
    a.propose("x");
    a.transfer("b");
    expect(a.takeOf("timeoutNow")).toEqual([]);
    acknowledge(a, ["c"]);
    expect(a.takeOf("timeoutNow")).toEqual([]);
    acknowledge(a, ["b"]);
    acknowledge(a, ["b"]);
    expect(a.takeOf("timeoutNow")).toHaveLength(1);
  });

  test("takes no proposals meanwhile, and says who will lead", () => {
    const a = leader();
    a.transfer("b");
    expect(a.propose("x")).toEqual({ ok: false, code: "TRANSFERRING_LEADERSHIP", leaderHint: "b" });
    expect(a.reconfigure({ type: "addLearner", id: "d" })).toMatchObject({
      ok: false,
      code: "TRANSFERRING_LEADERSHIP",
    });
    expect(a.transfer("c")).toMatchObject({ ok: false, code: "TRANSFERRING_LEADERSHIP" });
  });

  test("is given up after an election timeout, and the leader goes on", () => {
    const a = leader();
    a.transfer("b");
    elapseInContact(a, 299);
    expect(a.raft.status().transferringTo).toBe("b");
    elapseInContact(a, 1);
    expect(a.raft.status().transferringTo).toBeNull();
    expect(a.eventsOf("leadershipTransferEnded")).toEqual([
      { type: "leadershipTransferEnded", to: "b", succeeded: false },
    ]);
    expect(a.propose("x")).toMatchObject({ ok: true });
  });

  test("has succeeded when the target's campaign ends the leader's term", () => {
    const a = leader();
    a.transfer("b");
    const request = { type: "voteRequest", preVote: false, leadershipTransfer: true, lastLogIndex: 2, lastLogTerm: 2 };
    a.receive("b", { ...request, type: "voteRequest", term: 3 });
    expect(a.eventsOf("leadershipTransferEnded")).toEqual([
      { type: "leadershipTransferEnded", to: "b", succeeded: true },
    ]);
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: true, term: 3 }]);
  });

  test("is refused to whoever can't lead", () => {
    const a = leader();
    expect(a.transfer("a")).toMatchObject({ ok: false, code: "NOT_A_VOTER" });
    expect(a.transfer("z")).toMatchObject({ ok: false, code: "NOT_A_VOTER" });
    a.reconfigure({ type: "addLearner", id: "d" });
    expect(a.transfer("b")).toMatchObject({ ok: false, code: "CHANGE_IN_PROGRESS" });
    acknowledge(a);
    expect(a.transfer("d")).toMatchObject({ ok: false, code: "NOT_A_VOTER" });
    expect(followerWith().transfer("c")).toMatchObject({ ok: false, code: "NOT_LEADER" });
  });

  test("works end to end, faster than an election timeout", () => {
    const world = cluster();
    const old = world.electLeader();
    old.propose("x");
    world.settle();
    const target = old.id === "a" ? "b" : "a";
    const began = world.now;
    old.transfer(target);
    world.runUntil(() => world.leader?.id === target);
    expect(world.now - began).toBeLessThan(50);
    expect(old.eventsOf("leadershipTransferEnded")).toMatchObject([{ succeeded: true }]);
  });
});

describe("a follower told to campaign", () => {
  test("does so at once, without a pre-vote and in spite of stickiness", () => {
    const a = followerWith();
    a.receive("b", { type: "timeoutNow" });
    expect([a.raft.role, a.raft.term]).toEqual(["candidate", 3]);
    expect(a.takeOf("voteRequest")).toMatchObject([
      { to: "b", preVote: false, leadershipTransfer: true },
      { to: "c", preVote: false, leadershipTransfer: true },
    ]);
  });

  test("obeys its leader only", () => {
    const a = followerWith();
    a.receive("c", { type: "timeoutNow" });
    expect(a.raft.role).toBe("follower");
    a.receive("b", { type: "timeoutNow", term: 1 });
    expect(a.raft.role).toBe("follower");
  });

  test("does not when it has no vote", () => {
    const a = followerWith([], { founders: null, id: "d" });
    a.receive("b", { ...append({ previousLogIndex: 0, previousLogTerm: 0 }), term: 2 });
    a.receive("b", { type: "timeoutNow" });
    expect(a.raft.role).toBe("follower");
  });

  test("does not when it leads already", () => {
    const a = leader();
    a.receive("b", { type: "timeoutNow" });
    expect([a.raft.role, a.raft.term]).toEqual(["leader", 2]);
    answerHeartbeats(a);
  });
});
