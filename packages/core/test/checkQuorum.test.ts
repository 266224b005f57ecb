import { expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { member } from "./support/member.js";
import { answerHeartbeats, elapseInContact, elect, freshLeader, leader } from "./support/scenes.js";

test("a leader that hears from no quorum for an election timeout steps down (thesis §6.2)", () => {
  const a = leader();
  const since = a.now;
  a.elapse(299);
  expect(a.raft.role).toBe("leader");
  a.elapse(1);
  expect([a.raft.role, a.raft.leader, a.raft.term]).toEqual(["follower", null, 2]);
  expect(a.now).toBe(since + 300);
  expect(a.eventsOf("roleChanged").at(-1)?.reason).toContain("quorum");
});

test("one follower of two is quorum enough", () => {
  const a = leader();
  elapseInContact(a, 3_000, ["c"]);
  expect(a.raft.role).toBe("leader");
});

test("any answer is a sign of life, and the leader's own word is not", () => {
  const a = leader();
  a.elapse(200);
  a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 1, hintTerm: 1 });
  a.elapse(299);
  expect(a.raft.role).toBe("leader");
  a.elapse(1);
  expect(a.raft.role).toBe("follower");
});

test("a learner's answers don't count", () => {
  const a = leader();
  a.reconfigure({ type: "addLearner", id: "d" });
  for (let i = 0; i < 4; i += 1) {
    a.elapse(100);
    answerHeartbeats(a, ["d"]);
  }
  expect(a.raft.role).toBe("follower");
});

test("where it is turned off the leader goes on", () => {
  const a = leader({ options: { checkQuorum: false } });
  a.elapse(10_000);
  expect(a.raft.role).toBe("leader");
});

test("a sole voter needs nobody", () => {
  const a = elect(member({ founders: ["a"] }), []);
  a.elapse(10_000);
  expect(a.raft.role).toBe("leader");
});

test("fractional milliseconds don't make the deadline stand still", () => {
  // Around 300 the rounding of `contact + timeout` and `now - contact` differs for many of these.
  for (let i = 1; i < 400; i += 1) {
    const a = freshLeader({ now: i / 7 });
    a.now += i / 13;
    a.receive("b", { type: "heartbeatResponse", round: 0, resting: false });
    a.elapse(1_000);
    expect(a.raft.role).not.toBe("leader");
  }
});

test("a leader cut off from the others makes way before they have another one", () => {
  const world = cluster();
  const old = world.electLeader().id;
  const others = ["a", "b", "c"].filter((id) => id !== old);
  world.partition([old], others);
  world.runUntil(() => world.member(old).raft.role !== "leader");
  expect(others.every((id) => world.member(id).raft.role !== "leader")).toBe(true);
  world.runUntil(() => others.some((id) => world.member(id).raft.role === "leader"));
});
