import type { Configuration, Entry, SnapshotMetadata } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster } from "../support/cluster.js";
import { acknowledge, answerHeartbeats, append, commands, elect, followerWith, leader } from "../support/scenes.js";

const SIMPLE: Configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
const JOINT: Configuration = {
  voters: ["a", "b", "d"],
  votersOutgoing: ["a", "b", "c"],
  learners: [],
  learnersNext: ["c"],
};

function configurationEntry(index: number, configuration: Configuration): Entry {
  return { index, term: 2, kind: "configuration", data: new Uint8Array(0), configuration };
}

function snapshotRequest(fields: Partial<SnapshotMetadata>) {
  const snapshot = { index: 9, term: 2, configuration: SIMPLE, sizeBytes: 2, checksum: 0, ...fields };
  return { type: "snapshotRequest", snapshot, offset: 0, data: new TextEncoder().encode("[]") } as const;
}

describe("a configuration holds from when it is appended, not from when it is applied", () => {
  test("so a candidate asks by the one in its log, applied or not (etcd#11284, etcd#7625)", () => {
    const a = followerWith([configurationEntry(2, JOINT)]);
    expect(a.raft.appliedIndex).toBe(0);
    a.wakeAtDeadline();
    expect(a.takeOf("voteRequest").map(({ to }) => to)).toEqual(["b", "c", "d"]);
  });

  test("so a slow state machine doesn't keep anyone from leading (etcd#12359)", () => {
    const a = followerWith([configurationEntry(2, JOINT)]);
    a.holdApply = true;
    a.receive("b", append({ previousLogIndex: 2, previousLogTerm: 2, commitIndex: 2 }));
    expect(a.raft.appliedIndex).toBe(0);
    elect(a, ["b", "d"]);
    expect(a.raft.role).toBe("leader");
  });
});

test("an uncommitted joint configuration found after a restart is not left before it is committed (camunda#60086)", () => {
  const again = elect(followerWith([configurationEntry(2, JOINT)]).restarted(), ["b", "d"]);
  acknowledge(again, ["d"]);
  expect([again.raft.lastLogIndex, again.raft.configuration]).toEqual([3, JOINT]);
  acknowledge(again, ["b"]);
  expect(again.raft.configuration).toEqual({
    voters: ["a", "b", "d"],
    votersOutgoing: [],
    learners: ["c"],
    learnersNext: [],
  });
});

describe("a snapshot", () => {
  test("taken in the middle of a change carries the outgoing voters, and they count afterwards (etcd#12637)", () => {
    const a = followerWith();
    a.receive("b", snapshotRequest({ configuration: JOINT }));
    expect(a.raft.configuration).toEqual(JOINT);
    elect(a, ["b", "c"]);
    acknowledge(a, ["d"]);
    expect(a.raft.commitIndex).toBe(9);
    acknowledge(a, ["c"]);
    expect(a.raft.commitIndex).toBe(10);
  });

  test("from afar brings its configuration, whatever an older log said, also after a restart (scylladb#9551, openraft#1808)", () => {
    const a = followerWith([configurationEntry(2, JOINT), ...commands(3, 2, 2)]);
    const learners = { ...SIMPLE, learners: ["e"] };
    a.receive("b", { ...snapshotRequest({ configuration: learners, term: 3 }), term: 3 });
    expect(a.raft.configuration).toEqual(learners);
    expect(a.restarted().raft.configuration).toEqual(learners);
  });

  test("that conflicts with what is committed is refused, loudly, and changes nothing (openraft#1892)", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 3 }));
    a.take();
    expect(a.receive("c", { ...snapshotRequest({ index: 3, term: 3 }), term: 5 })).toContain("committed");
    expect([a.raft.term, a.take(), a.snapshotWrites]).toEqual([2, [], []]);
  });
});

describe("a log that is compacted whole", () => {
  test("does not keep a follower from converging (openraft#1828, RATIS-1241, RATIS-1305)", () => {
    const a = leader({ options: { logTailEntries: 0 } });
    a.propose("x");
    acknowledge(a, ["c"]);
    a.takeSnapshot();
    expect([a.raft.baseIndex, a.raft.lastLogIndex]).toEqual([3, 3]);
    a.take();
    // b's match is 2, just before the base: a probe there can't be made, so the snapshot must go.
    for (let i = 0; i < 2; i += 1)
      a.receive("b", { type: "appendRejected", rejectedIndex: 3, hintIndex: 2, hintTerm: 2 });
    answerHeartbeats(a, ["b"]);
    expect(a.take().some(({ to, type }) => to === "b" && type === "snapshotRequest")).toBe(true);
    a.receive("b", { type: "appendAccepted", matchIndex: 3 });
    expect(a.raft.status().peers[0]).toMatchObject({ state: "replicate", matchIndex: 3, nextIndex: 4 });
  });

  test("a wiped follower of an idle cluster gets all back, without a single new proposal (RATIS-2500, RATIS-2523)", () => {
    const world = cluster({ options: { logTailEntries: 0 } });
    world.electLeader().propose("x", "y");
    world.settle();
    for (const each of world.members.values()) each.takeSnapshot();
    const { term, lastLogIndex, id } = world.mustLeader().raft;
    const wiped = id === "a" ? "b" : "a";
    world.wipe(wiped);
    world.runUntil(() => world.member(wiped).commands.length === 2, 2_000);
    expect([world.mustLeader().raft.term, world.mustLeader().raft.lastLogIndex]).toEqual([term, lastLogIndex]);
    const sent = world.member(wiped).snapshotWrites.length;
    world.run(3_000);
    expect(world.member(wiped).snapshotWrites).toHaveLength(sent);
  });
});
