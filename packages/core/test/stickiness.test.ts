import { describe, expect, test } from "vitest";
import { member } from "./support/member.js";
import { answerHeartbeats, elapseInContact, followerWith, leader } from "./support/scenes.js";

function request(term: number, leadershipTransfer = false, preVote = false) {
  return { type: "voteRequest", preVote, leadershipTransfer, lastLogIndex: 9, lastLogTerm: 2, term } as const;
}

describe("a follower that hears from its leader (thesis §4.2.3)", () => {
  test("neither votes for a rival nor adopts its term, for an election timeout", () => {
    const a = followerWith();
    a.elapse(299);
    a.receive("c", request(9));
    expect([a.raft.term, a.raft.leader, a.take()]).toEqual([2, "b", []]);
    a.elapse(1);
    a.receive("c", request(9));
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: true, term: 9 }]);
  });

  test("answers a pre-vote with a refusal, so that the rival learns the term", () => {
    const a = followerWith();
    a.receive("c", request(9, false, true));
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: false, preVote: true, term: 2 }]);
  });

  test("votes when the leader itself asked for the election", () => {
    const a = followerWith();
    a.receive("c", request(3, true));
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: true, term: 3 }]);
  });

  test("votes where stickiness is turned off", () => {
    const a = followerWith([], { options: { leaderStickiness: false } });
    a.receive("c", request(3));
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: true, term: 3 }]);
  });

  test("keeps its word when it has learned a later term in another way", () => {
    const a = followerWith();
    a.elapse(100);
    a.receive("c", { type: "voteResponse", preVote: false, granted: false, term: 3 });
    expect(a.raft.term).toBe(3);
    a.receive("c", request(3));
    expect(a.takeOf("voteResponse").some(({ granted }) => granted)).toBe(false);
    a.elapse(200);
    a.receive("c", request(3));
    expect(a.takeOf("voteResponse").some(({ granted }) => granted)).toBe(true);
  });
});

describe("a leader", () => {
  test("ignores a rival while a quorum is in contact with it", () => {
    const a = leader();
    elapseInContact(a, 1_000);
    a.take();
    a.receive("c", request(9));
    expect([a.raft.role, a.raft.term, a.take()]).toEqual(["leader", 2, []]);
  });

  test("makes way once a quorum has been silent for an election timeout", () => {
    const a = leader({ options: { checkQuorum: false } });
    answerHeartbeats(a);
    a.elapse(300);
    a.receive("c", request(9));
    expect([a.raft.role, a.raft.term]).toEqual(["follower", 9]);
  });
});

test("a restarted member acts as if it had heard from a leader just before", () => {
  const a = followerWith();
  const again = a.restarted({ now: 1_000 });
  again.elapse(299);
  again.receive("c", request(9));
  expect(again.raft.term).toBe(2);
  again.elapse(1);
  again.receive("c", request(9));
  expect(again.raft.term).toBe(9);
});

test("a member that has never heard of a leader votes at once", () => {
  const a = member();
  a.receive("c", { ...request(2), lastLogTerm: 1, lastLogIndex: 1 });
  expect(a.takeOf("voteResponse")).toMatchObject([{ granted: true }]);
});
