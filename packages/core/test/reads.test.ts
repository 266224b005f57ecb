import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { member } from "./support/member.js";
import { acknowledge, answerHeartbeats, append, elect, followerWith, freshLeader, leader } from "./support/scenes.js";

function confirmed(context: number, index: number) {
  return { context, index, refusal: null };
}

function refused(context: number, refusal: string) {
  return { context, index: null, refusal };
}

describe("a read on the leader (thesis §6.4)", () => {
  test("gets the commit index when a quorum has answered a round of heartbeats sent after it came", () => {
    const a = leader();
    a.propose("x");
    acknowledge(a, ["b"]);
    a.read(1);
    expect(a.reads).toEqual([]);
    expect(a.takeOf("heartbeatRequest").filter(({ round }) => round > 0)).toHaveLength(2);
    answerHeartbeats(a, ["c"]);
    expect(a.reads).toEqual([confirmed(1, 3)]);
  });

  test("is not confirmed by an answer to a round sent before it came", () => {
    const a = leader();
    a.elapse(100);
    const before = a.raft.save().leadership?.round ?? 0;
    a.read(1);
    a.receive("b", { type: "heartbeatResponse", round: before, resting: false });
    expect(a.reads).toEqual([]);
    answerHeartbeats(a, ["b"]);
    expect(a.reads).toEqual([confirmed(1, 2)]);
  });

  test("keeps the index of when it came, though more is committed before the answer", () => {
    const a = leader();
    a.read(1);
    a.propose("x");
    acknowledge(a);
    answerHeartbeats(a, ["b"]);
    expect(a.reads).toEqual([confirmed(1, 2)]);
  });

  test("shares its round with all that came before it left, and those that come later share the next one", () => {
    const a = leader();
    a.raft.read(a.now, 1);
    a.raft.read(a.now, 2);
    a.pump();
    const rounds = () =>
      a.takeOf("heartbeatRequest").filter((message) => message.to === "b" && message.round > 0).length;
    expect(rounds()).toBe(1);
    a.read(3);
    a.read(4);
    expect(rounds()).toBe(0);
    answerHeartbeats(a, ["b"]);
    expect(a.reads.map(({ context }) => context)).toEqual([1, 2]);
    expect(rounds()).toBe(1);
    answerHeartbeats(a, ["b"]);
    expect(a.reads.map(({ context }) => context)).toEqual([1, 2, 3, 4]);
  });

  test("is sent round again with the next heartbeats when the first were lost", () => {
    const a = leader();
    a.read(1);
    a.read(2);
    a.elapse(100);
    answerHeartbeats(a, ["b"]);
    expect(a.reads.map(({ context }) => context)).toEqual([1, 2]);
  });

  test("waits for the first commit of the term, though the round is confirmed", () => {
    const a = freshLeader();
    a.read(1);
    answerHeartbeats(a);
    expect(a.reads).toEqual([]);
    acknowledge(a, ["b"]);
    expect(a.reads).toEqual([confirmed(1, 2)]);
  });

  test("is refused when leadership is lost, before or after the first commit", () => {
    const a = leader();
    a.read(1);
    a.receive("b", { type: "heartbeatResponse", round: 0, resting: false, term: 9 });
    expect(a.reads).toEqual([refused(1, "LEADERSHIP_LOST")]);
    const b = freshLeader();
    b.read(1);
    b.elapse(300);
    expect(b.reads).toEqual([refused(1, "LEADERSHIP_LOST")]);
  });

  test("is refused when too many wait", () => {
    const a = leader({ options: { maxPendingReads: 2 } });
    for (const context of [1, 2, 3]) a.read(context);
    expect(a.reads).toEqual([refused(3, "OVERLOADED")]);
    expect(a.raft.status().pendingReads).toBe(2);
  });

  test("needs both majorities of a joint configuration", () => {
    const a = leader();
    a.reconfigure({ type: "addLearner", id: "d" });
    acknowledge(a);
    acknowledge(a, ["d"]);
    a.reconfigure({ type: "promote", id: "d" }, { type: "remove", id: "b" }, { type: "remove", id: "c" });
    a.read(1);
    answerHeartbeats(a, ["d"]);
    expect(a.reads).toEqual([]);
    answerHeartbeats(a, ["b"]);
    expect(a.reads).toEqual([confirmed(1, 3)]);
  });
});

describe("a read on a sole voter", () => {
  test("needs nobody", () => {
    const a = elect(member({ founders: ["a"] }), []);
    a.read(1);
    expect(a.reads).toEqual([confirmed(1, 2)]);
  });

  test.each([0, 1, 2])("that came before the first commit is answered with it (%s inputs taken singly)", (singly) => {
    const a = member({ founders: ["a"] });
    a.holdDisk = true;
    a.wakeAtDeadline();
    a.sync();
    expect(a.raft.role).toBe("leader");
    if (singly > 0) a.pump();
    a.raft.read(a.now, 1);
    if (singly > 1) a.pump();
    a.raft.persisted(a.now, a.unsynced.at(-1)?.position ?? 0);
    a.pump();
    expect(a.reads).toEqual([confirmed(1, 2)]);
  });
});

describe("a read on a follower", () => {
  test("asks the leader, once for all that came together, under an id of its own", () => {
    const a = followerWith();
    a.raft.read(a.now, 1);
    a.raft.read(a.now, 2);
    a.pump();
    const [request, ...more] = a.takeOf("readIndexRequest");
    expect([request?.to, more]).toEqual(["b", []]);
    a.receive("b", { type: "readIndexResponse", readId: request?.readId ?? 0, index: 7 });
    expect(a.reads).toEqual([confirmed(1, 7), confirmed(2, 7)]);
    a.read(3);
    expect(a.takeOf("readIndexRequest")[0]?.readId).not.toBe(request?.readId);
  });

  test("takes no answer that it doesn't wait for, nor one twice", () => {
    const a = followerWith();
    a.read(1);
    const readId = a.takeOf("readIndexRequest")[0]?.readId ?? 0;
    a.receive("b", { type: "readIndexResponse", readId: readId + 1, index: 7 });
    expect(a.reads).toEqual([]);
    a.receive("b", { type: "readIndexResponse", readId, index: 8 });
    a.receive("b", { type: "readIndexResponse", readId, index: 9 });
    expect(a.reads).toEqual([confirmed(1, 8)]);
  });

  test("begins its ids elsewhere after a restart, so that no old answer fits", () => {
    const a = followerWith([], { random: () => 0.25 });
    a.read(1);
    const again = a.restarted({ random: () => 0.75 });
    again.receive("b", append());
    again.read(1);
    expect(again.takeOf("readIndexRequest")[0]?.readId).not.toBe(a.takeOf("readIndexRequest")[0]?.readId);
  });

  test("is refused when the leader refuses", () => {
    const a = followerWith();
    a.read(1);
    const readId = a.takeOf("readIndexRequest")[0]?.readId ?? 0;
    a.receive("b", { type: "readIndexResponse", readId, index: null });
    expect(a.reads).toEqual([refused(1, "LEADERSHIP_LOST")]);
  });

  test("is refused when no leader is known", () => {
    const a = member();
    a.read(1);
    expect(a.reads).toEqual([refused(1, "NO_LEADER")]);
  });

  test("is refused when the leader changes, whether the request has left or not", () => {
    const a = followerWith();
    a.read(1);
    a.raft.read(a.now, 2);
    a.receive("c", { type: "voteResponse", preVote: false, granted: false, term: 9 });
    expect(a.reads).toEqual([refused(1, "NO_LEADER"), refused(2, "NO_LEADER")]);
  });

  test("is refused after an election timeout without an answer", () => {
    const a = followerWith([], { random: () => 0.9 });
    a.read(1);
    expect(a.raft.deadline).toBe(a.now + 300);
    a.elapse(300);
    expect(a.reads).toEqual([refused(1, "TIMED_OUT")]);
  });

  test("is refused when too many wait", () => {
    const a = followerWith([], { options: { maxPendingReads: 2 } });
    for (const context of [1, 2, 3]) a.read(context);
    expect(a.reads).toEqual([refused(3, "OVERLOADED")]);
  });
});

describe("a leader asked by a follower", () => {
  test("answers when the round is confirmed", () => {
    const a = leader();
    a.receive("b", { type: "readIndexRequest", readId: 41 });
    expect(a.takeOf("readIndexResponse")).toEqual([]);
    answerHeartbeats(a, ["c"]);
    expect(a.takeOf("readIndexResponse")).toEqual([
      { type: "readIndexResponse", from: "a", to: "b", term: 2, readId: 41, index: 2 },
    ]);
  });

  test("refuses when it can't: it no longer leads, or too many wait", () => {
    const a = leader({ options: { maxPendingReads: 1 } });
    a.receive("b", { type: "readIndexRequest", readId: 41 });
    a.receive("c", { type: "readIndexRequest", readId: 42 });
    expect(a.takeOf("readIndexResponse")).toMatchObject([{ to: "c", readId: 42, index: null }]);
    a.elapse(300);
    expect(a.takeOf("readIndexResponse")).toMatchObject([{ to: "b", readId: 41, index: null }]);
    a.receive("b", { type: "readIndexRequest", readId: 43 });
    expect(a.takeOf("readIndexResponse")).toMatchObject([{ readId: 43, index: null }]);
  });

  test("keeps nothing for a member that has been removed meanwhile", () => {
    const a = leader();
    a.reconfigure({ type: "addLearner", id: "d" });
    acknowledge(a);
    a.receive("d", { type: "readIndexRequest", readId: 41 });
    a.reconfigure({ type: "remove", id: "d" });
    expect(a.raft.status().pendingReads).toBe(0);
  });
});

test("in a cluster with a lossy network every read is answered, and no answer is stale", () => {
  const world = cluster({ seed: 11 });
  world.electLeader();
  world.fate = () => (world.random.chance(0.2) ? "drop" : "deliver");
  const floors: number[] = [];
  for (let context = 0; context < 60; context += 1) {
    world.leader?.propose(`${context}`);
    const reader = world.member(world.random.pick(["a", "b", "c"]));
    floors.push(Math.max(...[...world.members.values()].map(({ raft }) => raft.commitIndex)));
    reader.read(context);
    world.run(world.random.below(60));
  }
  world.heal();
  world.run(2_000);
  const results = [...world.members.values()].flatMap(({ reads }) => reads);
  expect(results.map(({ context }) => context).sort((x, y) => x - y)).toEqual(floors.map((_, context) => context));
  for (const { context, index } of results)
    if (index !== null) expect(index).toBeGreaterThanOrEqual(floors[context] ?? 0);
  expect(results.filter(({ index }) => index !== null).length).toBeGreaterThan(30);
});
