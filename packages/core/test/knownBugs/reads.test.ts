import { expect, test } from "vitest";
import { acknowledge, answerHeartbeats, append, elect, followerWith, freshLeader, leader } from "../support/scenes.js";

test("no read index is given out before the leader has committed in its term (etcd#7331)", () => {
  const a = freshLeader();
  a.receive("b", { type: "readIndexRequest", readId: 1 });
  a.read(2);
  answerHeartbeats(a);
  answerHeartbeats(a);
  expect([a.reads, a.takeOf("readIndexResponse")]).toEqual([[], []]);
  acknowledge(a, ["b"]);
  expect(a.reads).toEqual([{ context: 2, index: 2, refusal: null }]);
  expect(a.takeOf("readIndexResponse")).toMatchObject([{ readId: 1, index: 2 }]);
});

test("no read request is dropped in silence: without a leader, at a former leader, without an answer (etcd#12762)", () => {
  const a = followerWith();
  a.read(1);
  a.elapse(10_000);
  a.read(2);
  expect(a.reads).toEqual([
    { context: 1, index: null, refusal: "TIMED_OUT" },
    { context: 2, index: null, refusal: "NO_LEADER" },
  ]);
  const b = leader();
  b.receive("b", { type: "readIndexRequest", readId: 7 });
  b.elapse(300);
  expect(b.takeOf("readIndexResponse")).toMatchObject([{ readId: 7, index: null }]);
});

test("a request repeated after a time-out has a new id, so that the old answer can't stand for it (etcd#20418, etcd#21399)", () => {
  const a = followerWith([], { random: () => 0.9 });
  a.read(1);
  const first = a.takeOf("readIndexRequest")[0]?.readId ?? 0;
  a.elapse(300);
  a.receive("b", append());
  a.read(1);
  const second = a.takeOf("readIndexRequest")[0]?.readId ?? 0;
  expect(second).not.toBe(first);
  a.receive("b", { type: "readIndexResponse", readId: first, index: 3 });
  expect(a.reads).toHaveLength(1);
  a.receive("b", { type: "readIndexResponse", readId: second, index: 5 });
  expect(a.reads.at(-1)).toEqual({ context: 1, index: 5, refusal: null });
});

test("an answer to a round of an earlier reign confirms nothing, though the numbers agree (etcd#20418)", () => {
  const a = leader();
  a.read(1);
  const { round } = a.takeOf("heartbeatRequest").find((message) => message.round > 0) ?? { round: 0 };
  const late = { type: "heartbeatResponse", round, resting: false, term: a.raft.term } as const;
  a.receive("c", { type: "voteResponse", preVote: false, granted: false, term: 5 });
  elect(a, ["c"]);
  acknowledge(a, ["c"]);
  a.read(2);
  a.receive("b", late);
  expect(a.reads).toEqual([{ context: 1, index: null, refusal: "LEADERSHIP_LOST" }]);
});

test("there is no gap between verifying the leader and reading: the index is taken before the round leaves (hashicorp/raft#603)", () => {
  const a = leader();
  a.raft.read(a.now, 1);
  // Committed after the read came, before its round has even left: the read needn't see it, and must not wait for it.
  a.propose("later");
  acknowledge(a);
  answerHeartbeats(a);
  expect(a.reads).toEqual([{ context: 1, index: 2, refusal: null }]);
});
