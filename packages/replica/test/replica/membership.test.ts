import { describe, expect, test } from "vitest";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

function withLearner(world: World): TestNode {
  world.leader();
  const learner = world.add("d", null);
  world.open("d");
  world.answer(world.leader().reconfigure({ type: "addLearner", id: "d" }));
  world.until(() => learner.up.lastApplied === world.leader().up.lastApplied);
  return learner;
}

describe("a membership change ends", () => {
  test("when the configuration is committed: a learner comes, is promoted, and counts", () => {
    const world = new World();
    withLearner(world);
    const promoted = world.answer(world.leader().reconfigure({ type: "promote", id: "d" }));
    const { raft } = world.leader().up;
    expect(raft.configuration).toMatchObject({ voters: ["a", "b", "c", "d"], votersOutgoing: [], learners: [] });
    expect(raft.entryAt(promoted.index)?.configuration).toEqual(raft.configuration);
    expect(raft.commitIndex).toBeGreaterThanOrEqual(promoted.index);
  });

  test("not with the joint configuration on the way, but with the final one", () => {
    const world = new World();
    withLearner(world);
    const leader = world.leader();
    const joint: number[] = [];
    const asked = leader.reconfigure(
      { type: "promote", id: "d" },
      { type: "remove", id: world.followers().filter(({ id }) => id !== "d")[0]?.id as string },
    );
    leader.onEvent = (event) => {
      if (event.type === "configurationCommitted" && event.configuration.votersOutgoing.length > 0) {
        joint.push(event.index);
        expect(asked.isAnswered).toBe(false);
      }
    };
    const { index } = world.answer(asked);
    expect(joint).toHaveLength(1);
    expect(index).toBeGreaterThan(joint[0] as number);
  });

  test("for a leader that removes itself", () => {
    const world = new World();
    const leader = world.leader();
    expect(world.verdict(leader.reconfigure({ type: "remove", id: leader.id }))).toBe("ok");
    expect(world.leader()).not.toBe(leader);
    world.fill(2);
  });

  test("at once, where it is refused", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const follower = world.followers()[0] as TestNode;
    const refused = follower.reconfigure({ type: "addLearner", id: "d" });
    expect([refused.verdict, refused.leaderHint]).toEqual(["NOT_LEADER", leader.id]);
    expect(leader.reconfigure({ type: "promote", id: "z" }).verdict).toBe("INVALID_CHANGE");
    expect(leader.reconfigure({ type: "addLearner", id: "" }).verdict).toBe("INVALID_CHANGE");
    leader.reconfigure({ type: "addLearner", id: "d" });
    expect(leader.reconfigure({ type: "addLearner", id: "e" }).verdict).toBe("CHANGE_IN_PROGRESS");
  });

  test("with UNKNOWN_OUTCOME when it takes too long", () => {
    const world = new World({ raft: { checkQuorum: false }, limits: { commandTimeoutMs: 800 } });
    const leader = world.leader();
    world.settle();
    world.partition([leader.id]);
    const { now } = world;
    expect(world.verdict(leader.reconfigure({ type: "addLearner", id: "d" }))).toBe("UNKNOWN_OUTCOME");
    expect(world.now - now).toBe(800);
  });

  test("with UNKNOWN_OUTCOME when its entry is cut off", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    world.partition(
      [leader.id],
      world.followers().map(({ id }) => id),
    );
    const asked = leader.reconfigure({ type: "addLearner", id: "d" });
    world.until(() => world.leader() !== leader);
    world.heal();
    expect(world.verdict(asked)).toBe("UNKNOWN_OUTCOME");
    world.settle();
    expect(leader.up.raft.configuration.learners).toEqual([]);
  });

  test("with UNKNOWN_OUTCOME when the member stops, and with STOPPED afterwards", () => {
    const world = new World();
    const leader = world.leader();
    const asked = leader.reconfigure({ type: "addLearner", id: "d" });
    leader.stop();
    expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
    expect(leader.reconfigure({ type: "addLearner", id: "d" }).verdict).toBe("STOPPED");
  });
});

describe("a transfer of leadership ends", () => {
  test("when the target leads", () => {
    const world = new World();
    const leader = world.leader();
    const target = world.followers()[0] as TestNode;
    expect(world.verdict(leader.transfer(target.id), 100)).toBe("ok");
    expect(world.leader()).toBe(target);
  });

  test("with TIMED_OUT when the target is down, and the leader goes on leading", () => {
    const world = new World();
    const leader = world.leader();
    const target = world.followers()[0] as TestNode;
    world.crash(target.id);
    expect(world.verdict(leader.transfer(target.id), 400)).toBe("TIMED_OUT");
    expect(world.verdict(leader.propose("x"))).toBe("ok");
  });

  test("at once, where it is refused", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const follower = world.followers()[0] as TestNode;
    expect(leader.transfer("z").verdict).toBe("NOT_A_VOTER");
    expect(leader.transfer(leader.id).verdict).toBe("NOT_A_VOTER");
    expect([follower.transfer(leader.id).verdict, follower.transfer(leader.id).leaderHint]).toEqual([
      "NOT_LEADER",
      leader.id,
    ]);
    world.crash(follower.id);
    leader.transfer(follower.id);
    expect(leader.transfer(follower.id).verdict).toBe("TRANSFERRING_LEADERSHIP");
  });

  test("when the leader steps down for another reason", () => {
    const world = new World();
    const leader = world.leader();
    const [target] = world.followers() as [TestNode];
    world.partition(
      [leader.id],
      world.followers().map(({ id }) => id),
    );
    const asked = leader.transfer(target.id);
    expect(world.verdict(asked, 1_000)).toBe("TIMED_OUT");
  });

  test("with UNKNOWN_OUTCOME when the member stops", () => {
    const world = new World();
    const leader = world.leader();
    const asked = leader.transfer((world.followers()[0] as TestNode).id);
    leader.stop();
    expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
  });
});
