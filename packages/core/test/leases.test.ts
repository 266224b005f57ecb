import { describe, expect, test } from "vitest";
import { member, type Member } from "./support/member.js";
import { acknowledge, answerHeartbeats, elapseInContact, elect, freshLeader, leader } from "./support/scenes.js";

const LEASES = { options: { leaseReads: true } };

/** A leader whose heartbeats, sent at the present time, have just been answered by all. */
function leaseHolder(options = {}): Member {
  const a = leader({ options: { leaseReads: true, ...options } });
  a.elapse(100);
  answerHeartbeats(a);
  a.take();
  return a;
}

function isServedAtOnce(a: Member): boolean {
  const before = a.reads.length;
  a.read(1_000 + before, "lease");
  return a.reads.length > before;
}

describe("a lease (thesis §6.4.1)", () => {
  test("serves a read at once, with the commit index", () => {
    const a = leaseHolder();
    a.read(5, "lease");
    expect(a.reads).toEqual([{ context: 5, index: 2, refusal: null }]);
    expect(a.take()).toEqual([]);
    expect(a.raft.status().holdsLease).toBe(true);
  });

  test("is used only by reads that ask for it", () => {
    const a = leaseHolder();
    a.read(5);
    expect(a.reads).toEqual([]);
  });

  test("is none where it wasn't opted for: such a read makes a round like any other", () => {
    const a = leader();
    elapseInContact(a, 100);
    a.read(5, "lease");
    expect(a.reads).toEqual([]);
    answerHeartbeats(a, ["b"]);
    expect(a.reads).toHaveLength(1);
  });

  test("ends an election timeout, less the drift of clocks, after the round was sent – not after it was answered", () => {
    const a = leader({ options: { leaseReads: true, maxClockDriftRatio: 0.25, checkQuorum: true } });
    a.elapse(100);
    const sent = a.now;
    const round = a.raft.save().leadership?.round ?? 0;
    a.now += 50;
    a.receive("b", { type: "heartbeatResponse", round, resting: false });
    expect(sent + 300 / 1.25).toBe(sent + 240);
    a.now = sent + 239;
    expect(isServedAtOnce(a)).toBe(true);
    a.now = sent + 240;
    expect(isServedAtOnce(a)).toBe(false);
  });

  test("counts what a quorum answered: one silent follower of two doesn't matter, a joint half does", () => {
    const a = leader(LEASES);
    elapseInContact(a, 1_000, ["b"]);
    expect(isServedAtOnce(a)).toBe(true);
    a.reconfigure({ type: "addLearner", id: "d" });
    acknowledge(a);
    acknowledge(a, ["d"]);
    a.reconfigure({ type: "promote", id: "d" }, { type: "remove", id: "b" }, { type: "remove", id: "c" });
    expect(isServedAtOnce(a)).toBe(false);
  });

  test("is not held before the first commit of the term", () => {
    const a = freshLeader(LEASES);
    a.elapse(100);
    answerHeartbeats(a);
    expect(isServedAtOnce(a)).toBe(false);
    acknowledge(a, ["b"]);
    expect(isServedAtOnce(a)).toBe(true);
  });

  test("is given up while leadership is handed over, and not taken up again once the target was told", () => {
    const a = leaseHolder();
    a.propose("x");
    a.transfer("b");
    expect(isServedAtOnce(a)).toBe(false);
    elapseInContact(a, 301);
    expect(isServedAtOnce(a)).toBe(true);
    acknowledge(a);
    a.transfer("b");
    elapseInContact(a, 301);
    expect(a.raft.status().transferringTo).toBeNull();
    expect(isServedAtOnce(a)).toBe(false);
  });

  test("is always held by a sole voter", () => {
    const a = elect(member({ founders: ["a"], ...LEASES }), []);
    a.elapse(5_000);
    expect(a.raft.status().holdsLease).toBe(true);
  });

  test("is none of a follower's, whose read goes to the leader", () => {
    const a = member(LEASES);
    a.receive("b", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false, term: 2 });
    a.take();
    a.read(1, "lease");
    expect(a.takeOf("readIndexRequest")).toHaveLength(1);
    expect(a.raft.status().holdsLease).toBe(false);
  });

  test("is not lengthened by an answer to a round so old that it is forgotten", () => {
    const a = leader(LEASES);
    a.elapse(100);
    const old = a.raft.save().leadership?.round ?? 0;
    for (let context = 0; context < 100; context += 1) {
      a.read(context);
      answerHeartbeats(a, ["b"]);
    }
    a.receive("c", { type: "heartbeatResponse", round: old, resting: false });
    const progress = a.raft.save().leadership?.progress ?? [];
    expect(progress.map(({ ackedRoundSentAt }) => ackedRoundSentAt)).toEqual([a.now, null]);
    expect(a.raft.save().leadership?.roundsSentAt).toHaveLength(64);
  });
});

test("no vote breaks a lease that the voter's answer has extended, whatever it has heard since", () => {
  const a = leaseHolder();
  const b = member({ id: "b", ...LEASES });
  b.now = a.now;
  b.receive("a", { type: "heartbeatRequest", commitIndex: 0, round: 2, mayRest: false, term: 2 });
  b.take();
  // A late refusal brings b into c's term; then c's late request arrives.
  b.receive("c", { type: "voteResponse", preVote: true, granted: false, term: 3 });
  b.receive("c", {
    type: "voteRequest",
    preVote: false,
    leadershipTransfer: false,
    lastLogIndex: 9,
    lastLogTerm: 2,
    term: 3,
  });
  expect(isServedAtOnce(a)).toBe(true);
  expect(b.takeOf("voteResponse").some(({ granted }) => granted)).toBe(false);
});
