import { describe, expect, test } from "vitest";
import type { Message } from "@balsa/core";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

const OFTEN: WorldSetup = {
  limits: { snapshotEveryBytes: 300, snapshotChunkBytes: 16, segmentBytes: 600 },
  raft: { logTailEntries: 0, snapshotChunkBytes: 16 },
};

/** What a member that has stopped may not change any more. */
function traces(world: World, node: TestNode): unknown {
  const said = world.sent.filter(({ message }) => message.from === node.id).length;
  return {
    said,
    lines: node.machine.lines.length,
    names: node.disk.names(),
    events: node.events.length,
    timers: node.timersFired,
  };
}

describe("stop", () => {
  test("says nothing and does nothing from then on, and closes every file", () => {
    const world = new World();
    world.fill(3);
    const leader = world.leader();
    const stopping = leader.stop();
    expect(leader.up.isStopped).toBe(true);
    const before = traces(world, leader);
    world.until(() => stopping.ended);
    expect(leader.disk.openFiles).toEqual([]);
    world.run(2_000);
    expect(traces(world, leader)).toEqual(before);
    expect(leader.events.at(-1)).toEqual({ type: "stopped", reason: null });
    expect(world.leader()).not.toBe(leader);
  });

  test("lets the member be opened again at once, with all that it had promised", () => {
    const world = new World({ founders: ["a"] });
    world.fill(5);
    for (let i = 0; i < 3; i++) {
      world.stop("a");
      world.open("a");
      expect(world.node("a").openError).toBeNull();
      expect(world.node("a").up.raft.lastLogIndex).toBeGreaterThanOrEqual(7);
    }
    world.leader();
    world.until(() => world.node("a").machine.lines.length === 5);
  });

  test("called again ends when the files are closed, and not sooner", () => {
    const world = new World({ founders: ["a"] });
    world.fill(1);
    const node = world.leader();
    node.disk.hold((operation) => operation === "close");
    const stopping = [node.stop(), node.stop()];
    world.run(100);
    expect(stopping.map(({ ended }) => ended)).toEqual([false, false]);
    node.disk.release();
    world.run(1);
    expect(stopping.map(({ ended }) => ended)).toEqual([true, true]);
    const third = node.stop();
    world.run(1);
    expect(third.ended).toBe(true);
    expect(node.events.filter(({ type }) => type === "stopped")).toHaveLength(1);
  });

  test("after the member has failed ends when its files are closed", () => {
    const world = new World({ founders: ["a"] });
    const node = world.leader();
    node.disk.failure = (operation) => (operation === "sync" ? new Error("broken") : null);
    node.disk.hold((operation) => operation === "close");
    world.verdict(node.propose("x"));
    const stopping = node.stop();
    world.run(10);
    expect(stopping.ended).toBe(false);
    node.disk.release();
    world.run(1);
    expect([stopping.ended, node.disk.openFiles]).toEqual([true, []]);
  });

  test("waits for a snapshot that is being written, and gives it up", () => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const node = world.leader();
    node.disk.hold((operation, name) => operation === "write" && name.endsWith(".partial"));
    world.fill(20);
    const stopping = node.stop();
    world.run(10);
    expect(stopping.ended).toBe(false);
    node.disk.release();
    world.run(10);
    expect([stopping.ended, node.disk.openFiles, node.machine.released]).toEqual([true, [], 1]);
    expect(node.disk.names().filter((name) => name.startsWith("snapshot-"))).toEqual([]);
  });

  test("while a snapshot comes in gives it up, and closes its file", () => {
    const world = new World(OFTEN);
    world.leader();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    world.fill(30);
    world.open(behind.id);
    world.until(() => behind.disk.names().some((name) => name.endsWith(".partial")));
    world.stop(behind.id);
    expect(behind.disk.openFiles).toEqual([]);
    expect(behind.disk.names().filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("while the machine is being put to a snapshot leaves the machine and the disk alone afterwards", () => {
    const world = new World(OFTEN);
    world.leader();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    world.fill(30);
    world.open(behind.id);
    behind.disk.hold((operation, name) => operation === "read" && name.endsWith(".snapshot"));
    world.until(() => behind.events.some(({ type }) => type === "snapshotInstalled"));
    world.run(10);
    const stopping = behind.stop();
    behind.disk.release();
    world.until(() => stopping.ended);
    const operations = behind.disk.trace.length;
    world.run(100);
    expect([behind.disk.openFiles, behind.machine.lines, behind.disk.trace.length]).toEqual([[], [], operations]);
  });

  test("in the very call that hands the member over leaves nothing behind", () => {
    const world = new World({ founders: ["a"], open: [] });
    const node = world.node("a");
    let isClosed = false;
    node.onReplica = (replica) => replica.stop(() => (isClosed = true));
    world.open("a");
    world.run(2_000);
    expect([isClosed, node.handler, node.disk.openFiles, world.sent]).toEqual([true, null, [], []]);
  });
});

describe("stop from within a handler", () => {
  test.each([...Array(24).keys()])("of event %i ends everything there", (at) => {
    const world = new World({ ...OFTEN, open: ["b", "c"] });
    const node = world.node("a");
    let events = 0;
    let before: unknown = null;
    let isClosed = false;
    node.onEvent = () => {
      // The very first one comes before there is anything to stop.
      if (events++ !== at + 1 || !node.isUp) return;
      node.up.stop(() => (isClosed = true));
      before = traces(world, node);
    };
    world.open("a");
    for (let round = 0; round < 400; round++) {
      if (before !== null) break;
      const leader = [...world.nodes.values()].find((other) => other.isUp && other.up.raft.role === "leader");
      leader?.up.propose(Uint8Array.of(120), null, () => undefined);
      world.run(5);
    }
    world.until(() => isClosed);
    const names = node.disk.names();
    world.run(1_000);
    expect(traces(world, node)).toEqual({ ...(before as object), names });
    expect(node.disk.openFiles).toEqual([]);
    expect(names.filter((name) => name.endsWith(".partial"))).toEqual([]);
    node.onEvent = () => undefined;
    world.open("a");
    world.settle();
    expect(node.machine.lines).toEqual(world.leader().machine.lines);
  });

  test("of an answer does not let the rest of the batch go on", () => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const node = world.leader();
    let isClosed = false;
    const verdicts: string[] = [];
    for (let i = 0; i < 20; i++) {
      node.up.propose(new Uint8Array(20), null, (outcome) => {
        verdicts.push(outcome.ok ? "ok" : outcome.code);
        if (i === 3) node.up.stop(() => (isClosed = true));
      });
    }
    world.until(() => isClosed);
    world.run(100);
    expect(verdicts).toEqual([...Array<string>(4).fill("ok"), ...Array<string>(16).fill("UNKNOWN_OUTCOME")]);
    expect(node.disk.names().filter((name) => name.startsWith("snapshot-"))).toEqual([]);
    expect(node.events.at(-1)?.type).toBe("stopped");
  });

  test("of a refused read takes no snapshot in that came with the same message", () => {
    const world = new World({ open: ["a"] });
    const node = world.node("a");
    world.run(10);
    const heartbeat: Message = {
      type: "heartbeatRequest",
      from: "b",
      to: "a",
      term: 2,
      commitIndex: 0,
      round: 1,
      mayRest: false,
    };
    node.deliver(heartbeat);
    let isClosed = false;
    node.up.read(new Uint8Array(0), "linearizable", () => node.up.stop(() => (isClosed = true)));
    const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
    const snapshot = { index: 9, term: 2, configuration, sizeBytes: 100, checksum: 1 };
    node.deliver({
      type: "snapshotRequest",
      from: "c",
      to: "a",
      term: 3,
      snapshot,
      offset: 0,
      data: new Uint8Array(10),
    });
    world.until(() => isClosed);
    world.run(100);
    expect(node.disk.openFiles).toEqual([]);
    expect(node.disk.names().filter((name) => name.startsWith("snapshot"))).toEqual([]);
  });
});
