import { describe, expect, test } from "vitest";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

const OFTEN: WorldSetup = {
  limits: { snapshotEveryBytes: 300, snapshotChunkBytes: 16, segmentBytes: 600 },
  raft: { logTailEntries: 0, snapshotChunkBytes: 16 },
};

const bug = new Error("a bug in the machine");

function throwIn(node: TestNode, method: string, afterCalls = 0): void {
  let calls = 0;
  node.machine.before = (called) => {
    if (called === method && calls++ >= afterCalls) throw bug;
  };
}

function expectStopped(world: World, node: TestNode): void {
  expect(node.up.isStopped).toBe(true);
  const reason = node.stopReason;
  expect(reason === bug || reason?.cause === bug).toBe(true);
  expect(node.events.filter(({ type }) => type === "stopped")).toHaveLength(1);
  world.run(1_000);
  expect(node.disk.openFiles).toEqual([]);
}

describe("a state machine that throws stops its member loudly", () => {
  test("when it applies: nobody is told that it worked", () => {
    const world = new World({ founders: ["a"] });
    const leader = world.leader();
    throwIn(leader, "apply");
    const asked = [leader.propose("x"), leader.propose("y"), leader.register()];
    for (const one of asked) world.verdict(one);
    expect(asked.map(({ verdict }) => verdict)).toEqual(Array(3).fill("UNKNOWN_OUTCOME"));
    expectStopped(world, leader);
  });

  test("when it is asked: this reader and all others get an answer", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    throwIn(leader, "query", 1);
    const asked = [leader.read(), leader.read(), leader.read()];
    const command = leader.propose("x");
    for (const one of asked) world.verdict(one);
    expect(asked.map(({ verdict }) => verdict)).toEqual(["ok", "STOPPED", "STOPPED"]);
    expect(world.verdict(command)).toMatch(/ok|UNKNOWN_OUTCOME/);
    expectStopped(world, leader);
  });

  test("when it is asked for what it happens to have", () => {
    const world = new World();
    const node = world.leader();
    throwIn(node, "query");
    expect(node.read("stale").verdict).toBe("STOPPED");
    expectStopped(world, node);
  });

  test.each([
    ["snapshot", 0],
    ["read", 0],
    ["read", 2],
  ])("when it gives a snapshot (in %s, after %i calls), and its files are closed", (method, afterCalls) => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const node = world.leader();
    throwIn(node, method, afterCalls);
    for (let i = 0; i < 40 && node.isUp; i++) world.verdict(node.propose(`x${String(i)}`));
    expectStopped(world, node);
    expect(node.disk.names().filter((name) => name.startsWith("snapshot-"))).toEqual([]);
    const stopping = node.stop();
    world.run(10);
    expect(stopping.ended).toBe(true);
    world.restart("a");
    expect(node.openError).toBeNull();
  });

  test.each(["restore", "write", "finish"])("when it takes a leader's snapshot (in %s)", (method) => {
    const world = new World(OFTEN);
    world.leader();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    world.fill(30);
    behind.prepare = () => throwIn(behind, method);
    world.open(behind.id);
    world.until(() => !behind.isUp);
    expect(behind.stopReason).toMatchObject({ code: "RESTORE_FAILED" });
    expectStopped(world, behind);
    expect(world.verdict(world.leader().propose("x"))).toBe("ok");
    // A version that can take it goes on from there.
    behind.prepare = () => undefined;
    world.open(behind.id);
    expect(behind.openError).toBeNull();
    world.settle();
    expect(behind.machine.lines).toEqual(world.leader().machine.lines);
  });

  test("when it gives fewer results than it got commands", () => {
    const world = new World({ founders: ["a"] });
    const node = world.leader();
    node.machine.apply = () => [];
    expect(world.verdict(node.propose("x"))).toBe("UNKNOWN_OUTCOME");
    expect(node.stopReason).toMatchObject({ code: "INVARIANT_VIOLATED" });
  });
});
