import { describe, expect, test } from "vitest";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

const SNAPSHOTS: WorldSetup = {
  limits: { snapshotEveryBytes: 300, snapshotChunkBytes: 16, segmentBytes: 500 },
  raft: { logTailEntries: 0 },
};

const noSpace = new Error("no space left on device");

function failOnce(node: TestNode, operation: string, name: RegExp): void {
  let failed = false;
  node.disk.failure = (called, on) => {
    if (failed || called !== operation || !name.test(on)) return null;
    failed = true;
    return noSpace;
  };
}

function expectStopped(node: TestNode): void {
  expect(node.up.isStopped).toBe(true);
  expect(node.stopReason).toMatchObject({ code: "STORAGE_FAILED", cause: noSpace });
  expect(node.events.filter(({ type }) => type === "stopped")).toHaveLength(1);
  expect(node.events.at(-1)?.type).toBe("stopped");
}

describe.each(["write", "sync"])("when a %s of the log fails", (operation) => {
  test("the leader stops with the cause, and nobody is told that it worked", () => {
    const world = new World({ founders: ["a"] });
    const leader = world.leader();
    failOnce(leader, operation, /^log-/);
    const asked = [leader.propose("x"), leader.propose("y")];
    const registered = leader.register();
    expect(world.verdict(registered)).toBe("UNKNOWN_OUTCOME");
    expect(asked.map(({ verdict }) => verdict)).toEqual(["UNKNOWN_OUTCOME", "UNKNOWN_OUTCOME"]);
    expectStopped(leader);
    expect(leader.machine.lines).toEqual([]);
    expect(leader.propose("z").verdict).toBe("STOPPED");
    world.run(1_000);
    expect(leader.disk.openFiles).toEqual([]);
  });

  test("a follower stops and acknowledges nothing, and the others go on", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const follower = world.followers()[0] as TestNode;
    failOnce(follower, operation, /^log-/);
    const before = world.sentBy(follower.id, "appendAccepted").length;
    expect(world.verdict(leader.propose("x"))).toBe("ok");
    world.run(1_000);
    expectStopped(follower);
    expect(world.sentBy(follower.id, "appendAccepted")).toHaveLength(before);
    const last = world.sent.filter(({ message }) => message.from === follower.id).at(-1)?.at as number;
    expect(last).toBeLessThan(world.now - 900);
    world.restart(follower.id);
    world.fill(2);
    world.settle();
    expect(follower.machine.lines).toEqual(leader.machine.lines);
  });

  test("it fails no vote through: the candidate gets no answer", () => {
    const world = new World({ open: ["a"] });
    const node = world.node("a");
    world.run(1);
    failOnce(node, operation, /^log-/);
    const request = {
      type: "voteRequest",
      from: "b",
      to: "a",
      term: 7,
      preVote: false,
      leadershipTransfer: true,
    } as const;
    node.deliver({ ...request, lastLogIndex: 9, lastLogTerm: 6 });
    world.run(100);
    expectStopped(node);
    expect(world.sentBy("a", "voteResponse")).toEqual([]);
  });
});

describe("when a snapshot can't be written", () => {
  test.each([
    ["open", /\.partial$/],
    ["write", /\.partial$/],
    ["sync", /\.partial$/],
    ["rename", /\.partial /],
    ["close", /\.partial$/],
    ["remove", /\.snapshot$/],
    ["remove", /^log-/],
  ])("a failing %s of %s stops the member with the cause, and it comes back whole", (operation, name) => {
    const world = new World({ ...SNAPSHOTS, founders: ["a"] });
    const node = world.leader();
    failOnce(node, operation, name);
    const answered: string[] = [];
    for (let i = 0; i < 60 && node.isUp; i++) {
      const asked = node.propose(`x${String(i)}`);
      if (world.verdict(asked) === "ok") answered.push(`x${String(i)}`);
    }
    world.run(100);
    expectStopped(node);
    expect(node.disk.openFiles).toEqual([]);
    world.restart("a");
    expect(node.openError).toBeNull();
    world.leader();
    world.settle();
    expect(node.machine.lines.slice(0, answered.length)).toEqual(answered);
  });

  test("a leader that can't read its snapshot for a follower stops rather than send something else", () => {
    const world = new World(SNAPSHOTS);
    const [behind] = world.followers();
    world.leader();
    world.crash((behind as TestNode).id);
    world.fill(20);
    const leader = world.leader();
    failOnce(leader, "read", /\.snapshot$/);
    world.open((behind as TestNode).id);
    world.until(() => !leader.isUp);
    expectStopped(leader);
  });

  test("a follower that can't write the leader's snapshot stops, and takes it after a restart", () => {
    const world = new World(SNAPSHOTS);
    world.leader();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    world.fill(20);
    world.open(behind.id);
    failOnce(behind, "write", /\.partial$/);
    world.until(() => !behind.isUp);
    expectStopped(behind);
    world.restart(behind.id);
    world.settle();
    expect(behind.machine.lines).toEqual(world.leader().machine.lines);
  });
});

describe("when a disk hangs", () => {
  test("the leader's does not stop the group, and no other leader is needed", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const { term } = leader.up.raft;
    leader.disk.hold(() => true);
    for (let i = 0; i < 20; i++) expect(world.verdict(leader.propose(`x${String(i)}`), 50)).toBe("ok");
    world.run(2_000);
    expect(leader.up.raft.term).toBe(term);
    leader.disk.release();
    world.settle();
    for (const { machine } of world.nodes.values()) expect(machine.lines).toHaveLength(20);
  });

  test("stop() still answers everybody at once", () => {
    const world = new World({ founders: ["a"] });
    const leader = world.leader();
    leader.disk.hold(() => true);
    const asked = leader.propose("x");
    world.run(10);
    leader.stop();
    expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
  });
});
