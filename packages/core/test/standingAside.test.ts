import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { member } from "./support/member.js";
import { commands, followerWith } from "./support/scenes.js";

function preVote(term: number, lastLogIndex = 1, lastLogTerm = 1) {
  return { type: "voteRequest", preVote: true, leadershipTransfer: false, lastLogIndex, lastLogTerm, term } as const;
}

describe("a member that gives a pre-vote", () => {
  test("lets the other go ahead for a heartbeat interval, if it was about to ask itself", () => {
    const a = member({ random: () => 0 });
    a.elapse(290);
    a.receive("b", preVote(2));
    expect(a.raft.deadline).toBe(390);
    expect(a.raft.role).toBe("follower");
  });

  test("does not wait longer than it would have anyway", () => {
    const a = member({ random: () => 0 });
    a.elapse(100);
    a.receive("b", preVote(2));
    expect(a.raft.deadline).toBe(300);
  });

  test("that it refuses does not wait", () => {
    const a = followerWith(commands(2, 2, 2), { options: { leaderStickiness: false } });
    a.elapse(250);
    const { deadline } = a.raft;
    a.receive("b", preVote(3, 2, 2));
    expect(a.raft.deadline).toBe(deadline);
  });
});

describe("of two members that ask at the same time", () => {
  function preCandidate(lastLogIndex: number) {
    const a = followerWith(commands(2, ...Array.from({ length: lastLogIndex - 1 }, () => 2)), {
      id: "m",
      founders: ["b", "m", "z"],
    });
    a.wakeAtDeadline();
    a.take();
    expect(a.raft.role).toBe("preCandidate");
    return a;
  }

  test("the one with the greater id gives way where the logs are equal, and is soon back", () => {
    const m = preCandidate(3);
    m.receive("b", preVote(3, 3, 2));
    expect(m.raft.role).toBe("follower");
    expect(m.takeOf("voteResponse")).toMatchObject([{ to: "b", granted: true }]);
    expect(m.raft.deadline - m.now).toBeGreaterThanOrEqual(100);
    expect(m.raft.deadline - m.now).toBeLessThan(200);
  });

  test("the one with the smaller id goes on", () => {
    const m = preCandidate(3);
    m.receive("z", preVote(3, 3, 2));
    expect(m.raft.role).toBe("preCandidate");
    expect(m.takeOf("voteResponse")).toMatchObject([{ to: "z", granted: true }]);
  });

  test("the one with the better log goes on, whatever the ids", () => {
    const m = preCandidate(3);
    m.receive("z", preVote(3, 4, 2));
    expect(m.raft.role).toBe("follower");
    const other = preCandidate(3);
    other.receive("b", preVote(3, 2, 2));
    expect(other.raft.role).toBe("preCandidate");
  });
});

describe("a campaign that was refused by somebody", () => {
  test("is followed by another after one to two heartbeat intervals, instead of an election timeout", () => {
    for (const [random, delayMs] of [
      [0, 100],
      [0.5, 150],
    ] as const) {
      const a = member({ options: { preVote: false }, random: () => random });
      a.wakeAtDeadline();
      expect(a.raft.deadline - a.now).toBeGreaterThanOrEqual(300);
      a.receive("b", { type: "voteResponse", preVote: false, granted: false });
      expect(a.raft.deadline - a.now).toBe(delayMs);
    }
  });

  test("goes on meanwhile: votes that come later may win it", () => {
    const a = member({ options: { preVote: false } });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: false, granted: false });
    a.receive("c", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("leader");
  });

  test("that was none but refused by silence takes the whole election timeout", () => {
    const a = member({ random: () => 0.5 });
    a.wakeAtDeadline();
    expect(a.raft.deadline - a.now).toBe(450);
  });

  test("again and again, waits twice as long each time, up to an election timeout", () => {
    const a = member({ random: () => 0 });
    const waited: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      a.wakeAtDeadline();
      a.receive("b", { type: "voteResponse", preVote: true, granted: false });
      waited.push(a.raft.deadline - a.now);
    }
    expect(waited).toEqual([100, 200, 300, 300, 300]);
  });

  test("is forgotten when a leader is heard of", () => {
    const a = member({ random: () => 0 });
    for (let i = 0; i < 3; i += 1) {
      a.wakeAtDeadline();
      a.receive("b", { type: "voteResponse", preVote: true, granted: false });
    }
    a.receive("c", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false });
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: true, granted: false });
    expect(a.raft.deadline - a.now).toBe(100);
  });
});

test("when both followers of a dead leader time out at once, one of them leads without another election timeout", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const world = cluster({ seed, checked: false });
    // From here on all of them draw the same numbers, so that they would get in each other's way for ever.
    for (const random of world.randomOf.values()) random.seed = seed;
    world.latencyMs = () => 1 + 5 * world.random.next();
    world.diskMs = () => 1 + 5 * world.random.next();
    world.electLeader();
    world.run(500);
    world.crash(world.mustLeader().id);
    const firstTimesOutAt = Math.min(...Array.from(world.members.values(), ({ raft }) => raft.deadline));
    world.electLeader();
    expect(world.now - firstTimesOutAt, `seed ${seed}`).toBeLessThan(280);
  }
});

test("a member whose requests arrive, and whose answers never do, keeps nobody else from leading", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = cluster({ ids: ["a", "b", "c", "d", "e"], seed, checked: false });
    world.electLeader();
    const dead = world.mustLeader().id;
    // `a`, which goes ahead of all others, asks for ever and hears from nobody.
    const deaf = dead === "a" ? "b" : "a";
    world.crash(dead);
    world.fate = (message) => (message.to === deaf ? "drop" : "deliver");
    world.runUntil(() => world.leader !== null && world.leader.id !== deaf, 5_000);
  }
});
