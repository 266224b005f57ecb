import { describe, expect, test } from "vitest";
import { cluster } from "../support/cluster.js";
import { member } from "../support/member.js";
import {
  acknowledge,
  answerHeartbeats,
  append,
  command,
  commands,
  elect,
  followerWith,
  leader,
} from "../support/scenes.js";

test("entries of an earlier term are not committed by counting replicas (logcabin#44)", () => {
  const a = elect(followerWith(commands(2, 2, 2)));
  acknowledge(a, ["b", "c"], 3);
  expect([a.raft.commitIndex, a.commands]).toEqual([0, []]);
});

test("an append whose entries are not contiguous is refused whole (logcabin#160)", () => {
  const a = followerWith();
  expect(a.receive("b", append({ entries: [command(2, 2), command(4, 2)] }))).toContain("contiguous");
  expect(a.raft.lastLogIndex).toBe(1);
});

test("an entry before that can't be read is never sent as `no entry before` (openraft#1795)", () => {
  const a = leader({ options: { logTailEntries: 0 } });
  a.propose("x");
  acknowledge(a, ["c"]);
  a.takeSnapshot();
  a.take();
  a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 0, hintTerm: 0 });
  a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 0, hintTerm: 0 });
  const sent = a.take().filter(({ to }) => to === "b");
  expect(sent.map(({ type }) => type)).toContain("snapshotRequest");
  for (const message of sent) if (message.type === "appendRequest") expect(message.previousLogIndex).toBeGreaterThan(1);
});

test("nor when it was compacted while an append was under way (openraft#1795)", () => {
  const a = leader({ options: { logTailEntries: 0, maxInflightAppends: 1, maxAppendEntries: 1 } });
  a.propose("1", "2", "3");
  for (const matchIndex of [3, 4, 5]) acknowledge(a, ["c"], matchIndex);
  a.elapse(100);
  a.takeSnapshot();
  expect([a.raft.baseIndex, a.raft.status().peers[0]?.nextIndex]).toEqual([5, 4]);
  a.take();
  answerHeartbeats(a, ["b"]);
  expect(a.take().filter(({ to }) => to === "b")).toMatchObject([{ type: "snapshotRequest" }]);
});

test("a follower takes nothing behind an entry that it can't compare (openraft#1795)", () => {
  const a = followerWith(commands(2, 2, 2));
  const message = append({ previousLogIndex: 0, previousLogTerm: 0, entries: [command(1, 2), command(2, 2)] });
  a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 3 }));
  expect(a.receive("b", message)).toContain("committed");
});

test("a crash never finds a term without its vote: both are stored in one piece (hashicorp/raft#661)", () => {
  const a = member();
  a.holdDisk = true;
  const request = {
    type: "voteRequest",
    preVote: false,
    leadershipTransfer: false,
    lastLogIndex: 1,
    lastLogTerm: 1,
  } as const;
  a.receive("b", { ...request, term: 2 });
  expect(a.unsynced.map(({ hardState }) => hardState)).toEqual([{ term: 2, vote: "b" }]);
  // Lost before the write: nobody has the vote, so another may get it. After it: nobody else can.
  const before = a.restarted({ now: 1_000 });
  before.elapse(300 - 1);
  before.now += 1;
  before.receive("c", { ...request, term: 2 });
  expect(a.takeOf("voteResponse")).toEqual([]);
  expect(before.raft.vote).toBe("c");
});

describe("the leader's own disk", () => {
  test("hangs, and the cluster goes on: the leader isn't in its own quorum (hashicorp/raft#503, #612, #614, #666)", () => {
    const world = cluster();
    const leading = world.electLeader();
    world.settle();
    world.diskMs = (id) => (id === leading.id ? Infinity : 0);
    for (let i = 0; i < 10; i += 1) {
      leading.propose(`${i}`);
      world.run(100);
    }
    expect(leading.raft.role).toBe("leader");
    for (const each of world.members.values()) expect(each.commands).toHaveLength(10);
  });

  test("fails, and no index is used twice in the term: a member that stops can't lead it again (canonical/raft#320, NuRaft#274)", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("sent but never stored");
    const again = a.restarted({ now: a.now });
    again.elapse(10_000);
    for (const voter of ["b", "c"])
      again.receive(voter, { type: "voteResponse", preVote: false, granted: true, term: 2 });
    expect([again.raft.role === "leader", again.raft.lastLogIndex]).toEqual([false, 2]);
    elect(again);
    expect(again.raft.term).toBeGreaterThan(2);
  });

  test("has not got a single member's write yet, and it counts as nothing (etcd#14370)", () => {
    const a = elect(member({ founders: ["a"] }), []);
    a.holdDisk = true;
    a.propose("x");
    expect([a.raft.commitIndex, a.commands]).toEqual([2, []]);
    expect(a.restarted().raft.lastLogIndex).toBe(2);
  });

  test("completes out of order, and nothing is lost (openraft#1960)", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("1");
    a.propose("2");
    acknowledge(a, ["b"]);
    const [first, second] = a.unsynced.map(({ position }) => position);
    a.sync(second);
    a.sync(first);
    expect(a.commands).toEqual(["1", "2"]);
  });
});

test("a follower whose disk is slow answers heartbeats and calls no election (logcabin#200)", () => {
  const world = cluster();
  const leading = world.electLeader();
  const { term } = leading.raft;
  world.diskMs = (id) => (id === leading.id ? 0 : 2_000);
  for (let i = 0; i < 20; i += 1) {
    leading.propose(`${i}`);
    world.run(250);
  }
  expect([leading.raft.role, leading.raft.term]).toEqual(["leader", term]);
  for (const each of world.members.values()) expect(each.raft.term).toBe(term);
});

test("an acknowledgement from before a cut does not count for what came after it (append ABA, etcd-io/raft async storage)", () => {
  const a = followerWith();
  a.holdDisk = true;
  a.receive("b", append({ entries: commands(2, 2, 2) }));
  const first = a.unsynced[0]?.position;
  a.receive("c", { ...append({ entries: commands(2, 3) }), term: 3 });
  a.receive("b", { ...append({ previousLogIndex: 2, previousLogTerm: 3, entries: commands(3, 4) }), term: 4 });
  a.sync(first);
  expect(a.raft.status().durableIndex).toBe(1);
  expect(a.takeOf("appendAccepted").filter(({ term }) => term > 2)).toEqual([]);
});

describe("a follower that lost the end of its log", () => {
  test("makes the leader neither panic nor count it in vain (etcd#10166)", () => {
    const a = leader();
    a.propose("1", "2");
    acknowledge(a);
    a.take();
    for (let i = 0; i < 2; i += 1)
      a.receive("b", { type: "appendRejected", rejectedIndex: 4, hintIndex: 2, hintTerm: 2 });
    expect(a.raft.status().peers[0]).toMatchObject({ id: "b", matchIndex: 0, nextIndex: 3 });
    expect(a.takeOf("appendRequest").at(-1)).toMatchObject({
      to: "b",
      previousLogIndex: 2,
      entries: [{ index: 3 }, { index: 4 }],
    });
    expect(a.eventsOf("followerLostEntries")).toHaveLength(1);
  });

  test("does not panic itself when it is told of a commit beyond its end (etcd#21178)", () => {
    const a = followerWith();
    expect(a.receive("b", { type: "heartbeatRequest", commitIndex: 9, round: 1, mayRest: false })).toBeNull();
    expect(a.receive("b", append({ commitIndex: 9 }))).toBeNull();
    expect(a.raft.commitIndex).toBe(1);
  });
});

test("a second leader of the same term is reported, not ignored (NuRaft#531)", () => {
  const a = followerWith();
  expect(a.receive("c", append({ entries: commands(2, 2) }))).toBe(
    "c claims to lead term 2, which b leads: the cluster is broken",
  );
  expect(a.eventsOf("messageRefused")).toMatchObject([{ from: "c" }]);
  expect(a.raft.lastLogIndex).toBe(1);
});

test("a mistake in sorting can't commit without a quorum (openraft#1802)", () => {
  // Numbers sorted as texts put 10 before 9.
  const a = elect(member({ founders: ["a", "b", "c", "d", "e"] }), ["b", "c"]);
  a.propose("1", "2", "3", "4", "5", "6", "7", "8");
  acknowledge(a, ["b"], 9);
  acknowledge(a, ["c"], 10);
  acknowledge(a, ["d"], 2);
  expect([a.raft.lastLogIndex, a.raft.commitIndex]).toEqual([10, 9]);
});

test("proposals that come together travel in one append, however deep the pipeline (hashicorp/raft#541)", () => {
  const a = leader();
  for (let i = 0; i < 50; i += 1) a.raft.propose(a.now, [new Uint8Array(16)]);
  a.pump();
  const appends = a.takeOf("appendRequest");
  expect(appends.map(({ to, entries }) => [to, entries.length])).toEqual([
    ["b", 50],
    ["c", 50],
  ]);
  expect(a.persists.at(-1)?.entries).toHaveLength(50);
});
