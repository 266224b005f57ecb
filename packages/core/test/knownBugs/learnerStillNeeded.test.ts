import { expect, test } from "vitest";
import type { Configuration, Entry } from "@balsa/core";
import { cluster } from "../support/cluster.js";
import { member, type Member } from "../support/member.js";
import { append, command } from "../support/scenes.js";

/** `a` is a learner to its own knowledge, and its log ends in a later term than any voter's. */
const OF_A: Configuration = { voters: ["b", "c", "d"], votersOutgoing: [], learners: ["a"], learnersNext: [] };

function learner(): Member {
  const a = member({ founders: null });
  const entry: Entry = { index: 1, term: 1, kind: "configuration", data: new Uint8Array(0), configuration: OF_A };
  const entries = [entry, command(2, 3)];
  a.receive("d", { ...append({ entries, commitIndex: 1 }), previousLogIndex: 0, previousLogTerm: 0, term: 3 });
  a.elapse(10_000);
  a.take();
  return a;
}

const request = { type: "voteRequest", leadershipTransfer: false, lastLogIndex: 2, lastLogTerm: 2 } as const;

test("a learner doesn't campaign by itself, however long it hears of nobody", () => {
  const a = learner();
  a.elapse(10_000);
  expect(a.takeOf("voteRequest")).toEqual([]);
});

test.each([true, false])(
  "a learner whose vote a candidate wants, and can't get, campaigns (pre-vote: %s)",
  (preVote) => {
    const a = learner();
    // The old leader is forgotten by the candidate's term.
    a.receive("b", { ...request, preVote: false, lastLogIndex: 1, term: 4 });
    a.receive("b", { ...request, preVote, term: preVote ? 5 : 4 });
    a.take();
    a.wakeAtDeadline();
    expect(a.takeOf("voteRequest").map(({ to }) => to)).toEqual(["b", "c", "d"]);
  },
);

test("a learner whose log is no longer than the candidate's is needed by nobody", () => {
  const a = learner();
  a.receive("b", { ...request, preVote: false, lastLogTerm: 3, term: 4 });
  a.take();
  a.elapse(10_000);
  expect(a.takeOf("voteRequest")).toEqual([]);
});

test("it is called upon no longer once a leader is heard of", () => {
  const a = learner();
  a.receive("b", { ...request, preVote: false, term: 4 });
  a.receive("c", { type: "heartbeatRequest", commitIndex: 1, round: 1, mayRest: false, term: 4 });
  a.take();
  a.elapse(10_000);
  expect(a.takeOf("voteRequest")).toEqual([]);
});

test("a leader that made a learner's log longer than all voters', and is gone for good, leaves no dead cluster", () => {
  const world = cluster({ ids: ["a", "b", "c"] });
  const first = world.electLeader();
  const learned = world.add("d");
  first.reconfigure({ type: "addLearner", id: "d" });
  world.runUntil(() => learned.raft.commitIndex >= first.raft.lastLogIndex);
  // The promotion stays with the leader that proposed it: only by its log is the learner a voter.
  world.fate = ({ type }) => (type === "appendRequest" ? "drop" : "deliver");
  first.reconfigure({ type: "promote", id: "d" });
  world.run(5);
  const [second, third] = ["a", "b", "c"].filter((id) => id !== first.id) as [string, string];
  // Another leads, and reaches nobody but the learner with what it appends.
  world.fate = ({ from, to, type }) => {
    if (from === first.id || to === first.id) return "drop";
    return type === "appendRequest" && to !== "d" ? "drop" : "deliver";
  };
  world.runUntil(() => world.leader !== null && world.leader.id !== first.id);
  const gone = world.mustLeader().id;
  world.runUntil(() => learned.raft.lastLogIndex === world.mustLeader().raft.lastLogIndex);
  world.crash(gone);
  world.heal();
  const left = gone === second ? third : second;
  world.runUntil(
    () => [first.id, left, "d"].includes(world.leader?.id ?? "") && world.mustLeader().raft.commitIndex > 4,
    60_000,
  );
  world.settle();
  expect(world.mustLeader().raft.configuration.voters.length).toBeGreaterThanOrEqual(3);
});
