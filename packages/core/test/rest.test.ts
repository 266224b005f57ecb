import type { Message } from "@balsa/core";
import { describe, expect, test } from "vitest";
import type { Member } from "./support/member.js";
import { append, commands, followerWith } from "./support/scenes.js";
import { cluster, type Cluster, type ClusterSetup } from "./support/cluster.js";

const options = { restAfterMs: 1_000, restingHeartbeatIntervalMs: 10_000 };

function restingCluster(setup: ClusterSetup = {}): Cluster {
  const group = cluster({ options, ...setup });
  group.electLeader();
  group.runUntil(() => isAtRest(group));
  return group;
}

function isAtRest(group: Cluster): boolean {
  return [...group.members.values()].every(({ raft }) => raft.isResting);
}

function countMessages(group: Cluster, milliseconds: number): Message["type"][] {
  const seen: Message["type"][] = [];
  const { fate } = group;
  group.fate = (message) => {
    seen.push(message.type);
    return fate(message);
  };
  group.run(milliseconds);
  group.fate = fate;
  return seen;
}

function rouse(group: Cluster, id: string, leaderHeardAt: number): void {
  const member = group.member(id);
  member.raft.rouse(group.now, leaderHeardAt);
  member.pump();
}

describe("a group in which nothing goes on", () => {
  test("rests, once all of its members have agreed to", () => {
    const group = cluster({ options });
    group.electLeader();
    const electedAt = group.now;
    group.runUntil(() => isAtRest(group));
    expect(group.now - electedAt).toBeGreaterThanOrEqual(options.restAfterMs);
    expect(group.now - electedAt).toBeLessThan(options.restAfterMs + 300);
  });

  test("says next to nothing, keeps its leader and goes on for ever", () => {
    const group = restingCluster();
    const { leader } = group;
    const messages = countMessages(group, 100_000);
    expect(messages.length).toBeLessThanOrEqual(11 * 4);
    expect(new Set(messages)).toEqual(new Set(["heartbeatRequest", "heartbeatResponse"]));
    expect([group.leader, isAtRest(group)]).toEqual([leader, true]);
  });

  test("never rests where that was not asked for", () => {
    const group = cluster();
    group.electLeader();
    group.run(60_000);
    expect([...group.members.values()].some(({ raft }) => raft.isResting)).toBe(false);
  });

  test("does not rest while one of its members does not agree, be it away or of an older version", () => {
    const group = cluster({ options });
    group.electLeader();
    const other = [...group.members.keys()].find((id) => id !== group.leader?.id) as string;
    group.fate = (message) => (message.type === "heartbeatResponse" && message.from === other ? "drop" : "deliver");
    group.run(30_000);
    expect(group.leader?.raft.isResting).toBe(false);
    group.heal();
    group.runUntil(() => isAtRest(group));
  });

  test("does not rest while a member lacks an entry, though it answers", () => {
    const group = restingCluster();
    const leader = group.mustLeader();
    const other = [...group.members.keys()].find((id) => id !== leader.id) as string;
    group.fate = (message) => (message.type === "appendRequest" && message.to === other ? "drop" : "deliver");
    leader.propose("x");
    group.run(20_000);
    expect([leader.raft.isResting, group.member(other).raft.isResting]).toEqual([false, false]);
  });

  test("of one member rests, too", () => {
    const group = cluster({ ids: ["a"], options });
    group.electLeader();
    group.runUntil(() => isAtRest(group));
    group.mustLeader().propose("x");
    group.settle();
    expect(group.member("a").raft.isResting).toBe(false);
  });
});

describe("a resting group awakes", () => {
  test("when something is proposed, and commits it as fast as ever", () => {
    const group = restingCluster();
    const before = group.now;
    group.mustLeader().propose("x");
    group.settle();
    expect(group.now - before).toBeLessThan(20);
    expect(isAtRest(group)).toBe(false);
    group.runUntil(() => isAtRest(group));
  });

  test("when somebody reads, on the leader or on a follower", () => {
    for (const ofLeader of [true, false]) {
      const group = restingCluster();
      const member = [...group.members.values()].find(({ raft }) => (raft.role === "leader") === ofLeader);
      member?.raft.read(group.now, 1);
      member?.pump();
      group.run(20);
      expect(member?.reads).toMatchObject([{ context: 1, refusal: null }]);
      expect(isAtRest(group)).toBe(false);
    }
  });

  test("when leadership is handed over", () => {
    const group = restingCluster();
    const leader = group.mustLeader();
    const heir = [...group.members.keys()].find((id) => id !== leader.id) as string;
    leader.raft.transferLeadership(group.now, heir);
    group.runUntil(() => group.leader?.id === heir, 100);
  });

  test("when one member is told to: all are awake, with the same leader and in the same term", () => {
    for (const ofLeader of [true, false]) {
      const group = restingCluster();
      const { id, term } = group.mustLeader().raft;
      const roused = [...group.members.values()].find(({ raft }) => (raft.role === "leader") === ofLeader)
        ?.id as string;
      rouse(group, roused, group.now);
      group.run(5);
      expect([...group.members.values()].map(({ raft }) => raft.isResting)).toEqual([false, false, false]);
      group.run(600);
      expect([...group.members.values()].map(({ raft }) => [raft.isResting, raft.leader, raft.term])).toEqual(
        Array.from({ length: 3 }, () => [false, id, term]),
      );
      group.runUntil(() => isAtRest(group));
    }
  });

  test("when a member that starts again asks for votes: it gets none, for the leader is there", () => {
    const group = restingCluster();
    const { id, term } = group.mustLeader().raft;
    const other = [...group.members.keys()].find((member) => member !== id) as string;
    group.crash(other);
    group.restart(other);
    group.run(2_000);
    expect([...group.members.values()].map(({ raft }) => [raft.leader, raft.term])).toEqual(
      Array.from({ length: 3 }, () => [id, term]),
    );
  });

  test("when the round of heartbeats before was not answered by all", () => {
    const group = restingCluster();
    const leader = group.mustLeader();
    const other = [...group.members.keys()].find((id) => id !== leader.id) as string;
    group.crash(other);
    group.runUntil(() => !leader.raft.isResting, 2 * options.restingHeartbeatIntervalMs + 100);
  });
});

describe("a resting follower", () => {
  const heartbeat = { type: "heartbeatRequest", commitIndex: 1, round: 1, mayRest: true } as const;

  function restingFollower(): Member {
    const a = followerWith([], { options });
    a.receive("b", heartbeat);
    expect(a.takeOf("heartbeatResponse")).toMatchObject([{ round: 1, resting: true }]);
    return a;
  }

  test("has agreed to rest only with all of the log, and knowing it to be committed", () => {
    const a = followerWith(commands(2, 2), { options });
    a.receive("b", heartbeat);
    expect([a.takeOf("heartbeatResponse"), a.raft.isResting]).toMatchObject([[{ resting: false }], false]);
    a.receive("b", { ...heartbeat, commitIndex: 2, round: 2 });
    expect([a.takeOf("heartbeatResponse"), a.raft.isResting]).toMatchObject([[{ resting: true }], true]);
  });

  test("never agrees where rest is not asked for in its own settings", () => {
    const a = followerWith();
    a.receive("b", heartbeat);
    expect([a.takeOf("heartbeatResponse"), a.raft.isResting]).toMatchObject([[{ resting: false }], false]);
  });

  test("no longer rests when its leader sends heartbeats, or entries, as usual", () => {
    for (const message of [{ ...heartbeat, mayRest: false, round: 2 }, append({ entries: commands(2, 2) })]) {
      const a = restingFollower();
      a.receive("b", message);
      expect(a.raft.isResting).toBe(false);
      expect(a.raft.deadline).toBeLessThanOrEqual(a.now + 600);
    }
  });

  test("no longer rests when it learns of a later term, for then its leader is none any more", () => {
    const a = restingFollower();
    a.receive("c", { type: "appendRejected", rejectedIndex: 1, hintIndex: 0, hintTerm: 0, term: 7 });
    expect([a.raft.isResting, a.raft.leader, a.raft.term]).toEqual([false, null, 7]);
    expect(a.raft.deadline).toBeLessThanOrEqual(a.now + 600);
  });

  test("refuses a rival's pre-vote, and asks its leader to be heard of again", () => {
    const a = restingFollower();
    a.elapse(5_000);
    a.receive("c", {
      type: "voteRequest",
      preVote: true,
      leadershipTransfer: false,
      lastLogIndex: 9,
      lastLogTerm: 2,
      term: 3,
    });
    expect(a.take()).toMatchObject([
      { type: "heartbeatResponse", to: "b", resting: false },
      { type: "voteResponse", to: "c", granted: false },
    ]);
  });
});

describe("a leader that is gone while its group rests", () => {
  test("is replaced as soon as ever, where the host says since when it has not been heard of", () => {
    const group = restingCluster();
    const leader = group.mustLeader();
    group.crash(leader.id);
    const goneAt = group.now;
    group.run(300);
    for (const id of group.members.keys()) rouse(group, id, goneAt);
    group.runUntil(() => group.leader !== null);
    expect(group.now - goneAt).toBeLessThan(600 + 50);
  });

  test("is replaced in the end where nobody says anything", () => {
    const group = restingCluster();
    group.crash(group.mustLeader().id);
    const goneAt = group.now;
    group.runUntil(() => group.leader !== null, 60_000);
    expect(group.now - goneAt).toBeGreaterThan(2 * options.restingHeartbeatIntervalMs);
  });

  test("is replaced once somebody reads", () => {
    const group = restingCluster();
    group.crash(group.mustLeader().id);
    const reader = [...group.members.values()][0];
    reader?.raft.read(group.now, 1);
    reader?.pump();
    const askedAt = group.now;
    group.runUntil(() => group.leader !== null);
    expect(group.now - askedAt).toBeLessThan(1_000);
  });

  test("and comes back cut off from all others steps down once it awakes, and claims no lease", () => {
    const group = restingCluster();
    const leader = group.mustLeader();
    group.partition(
      [leader.id],
      [...group.members.keys()].filter((id) => id !== leader.id),
    );
    group.run(5_000);
    expect(leader.raft.leadershipProvenUntil).toBeLessThan(group.now);
    rouse(group, leader.id, group.now);
    group.run(301);
    expect(leader.raft.role).not.toBe("leader");
  });
});
