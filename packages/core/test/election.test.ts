import { describe, expect, test } from "vitest";
import { member } from "./support/member.js";
import { acknowledge, append, command, commands, elect, followerWith, freshLeader, leader } from "./support/scenes.js";

const NO_PRE_VOTE = { preVote: false };

function request(fields: { term: number; lastLogIndex?: number; lastLogTerm?: number; leadershipTransfer?: boolean }) {
  const { term, lastLogIndex = 1, lastLogTerm = 1, leadershipTransfer = false } = fields;
  return { type: "voteRequest", preVote: false, leadershipTransfer, lastLogIndex, lastLogTerm, term } as const;
}

describe("the election timeout (§5.2)", () => {
  test("is drawn between once and twice the option", () => {
    const deadlines = [0, 0.5, 0.999].map((random) => member({ random: () => random, now: 1_000 }).raft.deadline);
    expect(deadlines).toEqual([1_300, 1_450, 1_000 + 300 * 1.999]);
  });

  test("is drawn anew for every campaign", () => {
    let draws = 0;
    const a = member({ options: NO_PRE_VOTE, random: () => (draws += 1) / 100 });
    const timeouts = new Set<number>();
    for (let i = 0; i < 5; i += 1) {
      const before = a.now;
      a.wakeAtDeadline();
      timeouts.add(Math.round(a.now - before));
    }
    expect(timeouts.size).toBe(5);
  });

  test("is drawn anew for every reign, so that no follower waits longest for ever", () => {
    let draws = 0;
    const a = member({ random: () => (draws += 1) / 100 });
    const timeouts = new Set<number>();
    for (let term = 2; term <= 6; term += 1) {
      a.receive("b", { type: "heartbeatRequest", term, commitIndex: 0, round: 1, mayRest: false });
      const timeoutMs = a.raft.deadline - a.now;
      a.receive("b", { type: "heartbeatRequest", term, commitIndex: 0, round: 2, mayRest: false });
      expect(a.raft.deadline - a.now).toBe(timeoutMs);
      timeouts.add(Math.round(timeoutMs));
    }
    expect(timeouts.size).toBe(5);
  });

  test("begins again whenever the leader is heard of", () => {
    const a = followerWith();
    const first = a.raft.deadline;
    a.elapse(100);
    a.receive("b", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false });
    expect(a.raft.deadline).toBe(first + 100);
  });

  test("begins again when a vote is given, and not when it is refused", () => {
    const a = member({ options: NO_PRE_VOTE });
    const { deadline } = a.raft;
    a.elapse(100);
    a.receive("b", request({ term: 2, lastLogIndex: 0, lastLogTerm: 0 }));
    expect(a.raft.term).toBe(2);
    expect(a.raft.deadline).toBe(deadline);
    a.receive("c", request({ term: 2 }));
    expect(a.raft.deadline).toBe(deadline + 100);
  });

  test("is not awaited by a member that has no vote", () => {
    const waiting = member({ founders: null });
    expect(waiting.raft.deadline).toBe(Infinity);
    waiting.raft.wake(1_000_000);
    waiting.pump();
    expect(waiting.take()).toEqual([]);
    expect(waiting.raft.role).toBe("follower");
  });

  test("waking too early changes nothing", () => {
    const a = member();
    a.raft.wake(a.raft.deadline - 1);
    a.pump();
    expect(a.raft.role).toBe("follower");
    expect(a.take()).toEqual([]);
  });
});

describe("a candidate", () => {
  test("opens a new term and asks every other voter, naming its last entry", () => {
    const a = followerWith(commands(2, 2, 2), { options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    expect(a.raft.role).toBe("candidate");
    const shared = { type: "voteRequest", from: "a", term: 3, preVote: false, leadershipTransfer: false };
    expect(a.take()).toEqual(["b", "c"].map((to) => ({ ...shared, to, lastLogIndex: 3, lastLogTerm: 2 })));
  });

  test("asks for votes only when its term and its vote for itself are durable", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.holdDisk = true;
    a.wakeAtDeadline();
    expect(a.take()).toEqual([]);
    expect(a.persists[a.persists.length - 1]?.hardState).toEqual({ term: 2, vote: "a" });
    a.sync();
    expect(a.takeOf("voteRequest")).toHaveLength(2);
  });

  test("counts its own vote only when it is durable", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.holdDisk = true;
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("candidate");
    a.sync();
    expect(a.raft.role).toBe("leader");
  });

  test("leads by the votes of others alone, though its own is not durable yet", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.holdDisk = true;
    a.wakeAtDeadline();
    for (const voter of ["b", "c"]) a.receive(voter, { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("leader");
  });

  test("does not count a durable vote of an earlier campaign", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.holdDisk = true;
    a.wakeAtDeadline();
    const position = a.persists[a.persists.length - 1]?.position ?? 0;
    a.wakeAtDeadline();
    a.sync(position);
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.term).toBe(3);
    expect(a.raft.role).toBe("candidate");
  });

  test("leads with a majority, and not before", () => {
    const a = member({ founders: ["a", "b", "c", "d", "e"], options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    a.receive("x", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("candidate");
    a.receive("c", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("leader");
  });

  test("sticks to the first answer of each voter", () => {
    const a = member({ founders: ["a", "b", "c", "d", "e"], options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: false });
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    a.receive("c", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("candidate");
  });

  test("gives up when a majority refuses", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: false });
    expect(a.raft.role).toBe("candidate");
    a.receive("c", { type: "voteResponse", preVote: false, granted: false });
    expect(a.raft.role).toBe("follower");
  });

  test("ignores votes of an earlier term", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: true, term: 2 });
    expect(a.raft.role).toBe("candidate");
  });

  test("tries again in another term when nobody wins", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.wakeAtDeadline();
    expect(a.raft.term).toBe(3);
    expect(a.takeOf("voteRequest").filter(({ term }) => term === 3)).toHaveLength(2);
  });

  test("follows a leader of its own term", () => {
    const a = member({ options: NO_PRE_VOTE });
    a.wakeAtDeadline();
    a.receive("b", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false });
    expect([a.raft.role, a.raft.leader, a.raft.term]).toEqual(["follower", "b", 2]);
  });

  test("that is the only voter leads without asking anyone", () => {
    const a = member({ founders: ["a"] });
    a.wakeAtDeadline();
    expect(a.raft.role).toBe("leader");
    expect(a.raft.commitIndex).toBe(2);
    expect(a.take()).toEqual([]);
  });
});

describe("a vote (§5.2, §5.4.1)", () => {
  test("is given once a term, and again to the same candidate", () => {
    const a = member();
    a.receive("b", request({ term: 2 }));
    a.receive("c", request({ term: 2 }));
    a.receive("b", request({ term: 2 }));
    expect(a.takeOf("voteResponse").map(({ to, granted }) => [to, granted])).toEqual([
      ["b", true],
      ["c", false],
      ["b", true],
    ]);
  });

  test("leaves only when it is durable, a refusal at once", () => {
    const a = member();
    a.holdDisk = true;
    a.receive("b", request({ term: 2 }));
    a.receive("c", request({ term: 2 }));
    expect(a.takeOf("voteResponse").map(({ to }) => to)).toEqual(["c"]);
    expect(a.persists[a.persists.length - 1]?.hardState).toEqual({ term: 2, vote: "b" });
    a.sync();
    expect(a.takeOf("voteResponse").map(({ to, granted }) => [to, granted])).toEqual([["b", true]]);
  });

  test("that is repeated waits for the same write", () => {
    const a = member();
    a.holdDisk = true;
    a.receive("b", request({ term: 2 }));
    a.receive("b", request({ term: 2 }));
    expect(a.take()).toEqual([]);
    a.sync();
    expect(a.takeOf("voteResponse")).toHaveLength(2);
  });

  test.each([
    { what: "an equal log", lastLogIndex: 3, lastLogTerm: 3, granted: true },
    { what: "a longer one that ends in the same term", lastLogIndex: 4, lastLogTerm: 3, granted: true },
    { what: "a shorter one that ends in the same term", lastLogIndex: 2, lastLogTerm: 3, granted: false },
    { what: "a shorter one that ends in a later term", lastLogIndex: 2, lastLogTerm: 4, granted: true },
    { what: "a longer one that ends in an earlier term", lastLogIndex: 9, lastLogTerm: 2, granted: false },
  ])("is given or not to a candidate with $what", ({ lastLogIndex, lastLogTerm, granted }) => {
    const a = followerWith(commands(2, 2, 3), { options: { leaderStickiness: false } });
    a.receive("c", request({ term: 5, lastLogIndex, lastLogTerm }));
    expect(a.takeOf("voteResponse")).toMatchObject([{ term: 5, granted }]);
    expect(a.raft.vote).toBe(granted ? "c" : null);
  });

  test("is refused to who asks in a term that is over, and tells the present one", () => {
    const a = followerWith(commands(2, 4));
    a.receive("c", request({ term: 3 }));
    expect(a.takeOf("voteResponse")).toMatchObject([{ term: 4, granted: false }]);
  });

  test("is refused in a term whose leader is known", () => {
    const a = followerWith();
    a.receive("c", request({ term: 2, lastLogIndex: 9, lastLogTerm: 2 }));
    expect(a.takeOf("voteResponse")).toMatchObject([{ granted: false }]);
    expect(a.raft.vote).toBeNull();
  });

  test("outlives a restart", () => {
    const a = member();
    a.receive("b", request({ term: 2 }));
    const again = a.restarted({ now: 1_000 });
    expect([again.raft.term, again.raft.vote]).toEqual([2, "b"]);
    again.elapse(300 - 1);
    again.receive("c", request({ term: 2 }));
    expect(again.takeOf("voteResponse")).toMatchObject([{ granted: false }]);
  });

  test("is given by a member that does not know the candidate: its configuration may be behind (thesis §4.2.2)", () => {
    const a = member({ founders: null });
    a.receive("z", request({ term: 7, lastLogIndex: 9, lastLogTerm: 3 }));
    expect(a.takeOf("voteResponse")).toMatchObject([{ to: "z", term: 7, granted: true }]);
  });
});

describe("a later term", () => {
  test("is adopted from any message but a pre-vote, and unseats a leader", () => {
    const a = leader({ options: { leaderStickiness: false } });
    a.receive("b", { type: "heartbeatResponse", round: 1, resting: false, term: 9 });
    expect([a.raft.role, a.raft.term, a.raft.vote, a.raft.leader]).toEqual(["follower", 9, null, null]);
    expect(a.persists[a.persists.length - 1]?.hardState).toEqual({ term: 9, vote: null });
  });

  test("is told to a leader whose term is over", () => {
    const a = followerWith(commands(2, 5));
    a.receive("c", { ...append(), term: 3 });
    a.receive("c", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false, term: 3 });
    const answers = a.takeOf("appendRejected");
    expect(answers.map(({ to, term }) => [to, term])).toEqual([
      ["c", 5],
      ["c", 5],
    ]);
    expect(a.raft.leader).toBe("b");
  });

  test("other messages of an earlier term are dropped in silence", () => {
    const a = followerWith(commands(2, 5));
    expect(a.receive("c", { type: "timeoutNow", term: 3 })).toBeNull();
    expect(a.receive("c", { type: "appendAccepted", matchIndex: 1, term: 3 })).toBeNull();
    expect(a.take()).toEqual([]);
  });
});

describe("a new leader", () => {
  test("opens its term with a no-op that it sends at once", () => {
    const a = freshLeader();
    expect(a.raft.entryAt(2)).toMatchObject({ kind: "noop", term: 2, index: 2 });
    expect(a.takeOf("appendRequest")).toMatchObject([
      { to: "b", previousLogIndex: 1, previousLogTerm: 1, entries: [{ index: 2, kind: "noop" }] },
      { to: "c", previousLogIndex: 1, previousLogTerm: 1, entries: [{ index: 2, kind: "noop" }] },
    ]);
  });

  test("announces itself", () => {
    const a = leader();
    expect(a.eventsOf("leaderElected")).toEqual([{ type: "leaderElected", leader: "a", term: 2 }]);
    expect(a.eventsOf("roleChanged").map(({ role }) => role)).toEqual(["preCandidate", "candidate", "leader"]);
    expect(a.eventsOf("termChanged")).toEqual([{ type: "termChanged", term: 2 }]);
  });

  test("never overwrites an entry of its own log", () => {
    const a = followerWith([command(2, 2), command(3, 2)]);
    elect(a);
    acknowledge(a);
    expect(a.commands).toEqual(["2@2", "3@2"]);
    expect(a.eventsOf("logTruncated")).toEqual([]);
  });
});
