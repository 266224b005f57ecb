import { expect, test } from "vitest";
import { append, command } from "../support/scenes.js";
import { member, type Member } from "../support/member.js";
import { cluster } from "../support/cluster.js";
import type { Configuration, Entry } from "@balsa/core";

const JOINT: Configuration = { voters: ["c"], votersOutgoing: ["a", "b", "c"], learners: [], learnersNext: ["a", "b"] };
const FINAL: Configuration = { voters: ["c"], votersOutgoing: [], learners: ["a", "b"], learnersNext: [] };

function configurationEntry(index: number, configuration: Configuration): Entry {
  return { index, term: 2, kind: "configuration", data: new Uint8Array(0), configuration };
}

/** A member that knows the end of the change, uncommitted. */
function demoted(commitIndex = 3): Member {
  const a = member();
  const entries = [command(2, 2), configurationEntry(3, JOINT), configurationEntry(4, FINAL)];
  a.receive("b", { ...append({ entries, commitIndex }), term: 2 });
  a.take();
  return a;
}

test("a member that loses its vote by an uncommitted configuration still campaigns, or nobody could lead (thesis §4.2.2)", () => {
  const a = demoted();
  expect(a.raft.deadline).toBeLessThan(Infinity);
  a.wakeAtDeadline();
  expect(a.takeOf("voteRequest").map(({ to }) => to)).toEqual(["c"]);
});

test("once that configuration is committed it campaigns no more", () => {
  const a = demoted(4);
  expect(a.raft.deadline).toBe(Infinity);
  a.elapse(10_000);
  expect(a.take()).toEqual([]);
});

test("a leader that demoted all others but crashed before the last voter heard of the end does not leave a dead cluster", () => {
  const world = cluster();
  const leader = world.electLeader();
  const [last, other] = ["a", "b", "c"].filter((id) => id !== leader.id) as [string, string];
  leader.reconfigure({ type: "demote", id: leader.id }, { type: "demote", id: other });
  // The final configuration reaches everyone but the only voter that is to remain.
  world.fate = ({ to, type }) =>
    to === last && type === "appendRequest" && leader.raft.lastLogIndex >= 4 ? "drop" : "deliver";
  world.runUntil(() => world.member(other).raft.lastLogIndex === 4);
  world.crash(leader.id);
  world.heal();
  world.restart(leader.id);
  world.runUntil(() => world.leader?.id === last && world.mustLeader().raft.configuration.voters.length === 1);
  world.settle();
  expect(world.mustLeader().raft.configuration).toEqual({
    voters: [last],
    votersOutgoing: [],
    learners: [leader.id, other].sort(),
    learnersNext: [],
  });
});
