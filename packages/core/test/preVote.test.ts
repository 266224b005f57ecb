import { expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { member } from "./support/member.js";
import { answerHeartbeats, commands, followerWith, leader } from "./support/scenes.js";

function preVote(term: number, lastLogIndex = 1, lastLogTerm = 1) {
  return { type: "voteRequest", preVote: true, leadershipTransfer: false, lastLogIndex, lastLogTerm, term } as const;
}

test("a member asks whether it could win before it opens a term (thesis §9.6)", () => {
  const a = member();
  a.wakeAtDeadline();
  expect([a.raft.role, a.raft.term]).toEqual(["preCandidate", 1]);
  expect(a.takeOf("voteRequest")).toMatchObject([
    { to: "b", term: 2, preVote: true },
    { to: "c", term: 2, preVote: true },
  ]);
  expect(a.raft.vote).toBeNull();
});

test("with a majority of pre-votes it campaigns", () => {
  const a = member();
  a.wakeAtDeadline();
  a.take();
  a.receive("c", { type: "voteResponse", preVote: true, granted: true, term: 2 });
  expect([a.raft.role, a.raft.term, a.raft.vote]).toEqual(["candidate", 2, "a"]);
  expect(a.takeOf("voteRequest")).toMatchObject([{ preVote: false }, { preVote: false }]);
});

test("a pre-vote is no vote", () => {
  const a = member();
  a.wakeAtDeadline();
  a.receive("c", { type: "voteResponse", preVote: true, granted: true, term: 2 });
  a.receive("b", { type: "voteResponse", preVote: true, granted: true, term: 2 });
  expect(a.raft.role).toBe("candidate");
});

test("refused by a majority, it follows again and no term was opened", () => {
  const a = member();
  a.wakeAtDeadline();
  a.receive("b", { type: "voteResponse", preVote: true, granted: false });
  a.receive("c", { type: "voteResponse", preVote: true, granted: false });
  expect([a.raft.role, a.raft.term]).toEqual(["follower", 1]);
});

test("giving a pre-vote binds nobody: neither term nor vote change, and nothing is written", () => {
  const a = member();
  const written = a.persists.length;
  a.receive("b", preVote(2));
  a.receive("c", preVote(7));
  expect(a.takeOf("voteResponse")).toMatchObject([
    { to: "b", granted: true, preVote: true, term: 2 },
    { to: "c", granted: true, preVote: true, term: 7 },
  ]);
  expect([a.raft.term, a.raft.vote, a.persists.length]).toEqual([1, null, written]);
});

test("a pre-vote for a term that is not later is refused, with the present term", () => {
  const a = followerWith(commands(2, 5));
  a.elapse(299);
  a.receive("c", preVote(5, 9, 5));
  a.receive("c", preVote(3, 9, 3));
  expect(a.takeOf("voteResponse")).toMatchObject([
    { granted: false, term: 5 },
    { granted: false, term: 5 },
  ]);
});

test("a pre-vote is refused to a shorter log", () => {
  const a = followerWith(commands(2, 2, 2), { options: { leaderStickiness: false } });
  a.receive("c", preVote(3, 2, 2));
  expect(a.takeOf("voteResponse")).toMatchObject([{ granted: false, term: 2 }]);
});

test("a pre-vote that arrives while the leader is heard of again is of no use", () => {
  const a = followerWith();
  a.wakeAtDeadline();
  a.receive("b", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false });
  a.receive("c", { type: "voteResponse", preVote: true, granted: true, term: 3 });
  expect([a.raft.role, a.raft.term, a.raft.leader]).toEqual(["follower", 2, "b"]);
});

test("who is refused by a member of a later term adopts that term", () => {
  const a = member();
  a.wakeAtDeadline();
  a.receive("b", { type: "voteResponse", preVote: true, granted: false, term: 8 });
  expect([a.raft.role, a.raft.term]).toEqual(["follower", 8]);
});

test("a leader refuses pre-votes while it is in contact with a quorum", () => {
  const a = leader();
  answerHeartbeats(a);
  a.receive("c", preVote(3, 9, 2));
  expect(a.takeOf("voteResponse")).toMatchObject([{ granted: false, term: 2 }]);
  expect(a.raft.role).toBe("leader");
});

test("a member that comes back from isolation disturbs nobody", () => {
  const world = cluster();
  const term = world.electLeader().raft.term;
  const leader = world.mustLeader().id;
  const [apart = "", other = ""] = ["a", "b", "c"].filter((id) => id !== leader);
  world.partition([apart], [leader, other]);
  world.run(5_000);
  expect(world.member(apart).raft.term).toBe(term);
  world.heal();
  world.run(1_000);
  expect([world.leader?.id, world.mustLeader().raft.term]).toEqual([leader, term]);
});

test("without pre-vote such a member does unseat the leader, and the cluster goes on", () => {
  const world = cluster({ options: { preVote: false } });
  const term = world.electLeader().raft.term;
  const leader = world.mustLeader().id;
  const [apart = "", other = ""] = ["a", "b", "c"].filter((id) => id !== leader);
  world.partition([apart], [leader, other]);
  world.run(5_000);
  expect(world.member(apart).raft.term).toBeGreaterThan(term + 5);
  world.heal();
  world.run(2_000);
  expect(world.electLeader().raft.term).toBeGreaterThan(term + 5);
});
