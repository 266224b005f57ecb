import { describe, expect, test } from "vitest";
import type { Message } from "@balsa/core";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

const OFTEN: WorldSetup = {
  limits: { snapshotEveryBytes: 400, snapshotChunkBytes: 32, segmentBytes: 600 },
  raft: { logTailEntries: 0, snapshotChunkBytes: 32 },
};

function snapshotFiles(node: TestNode): string[] {
  return node.disk.names().filter((name) => name.endsWith(".snapshot"));
}

function count(node: TestNode, type: string): number {
  return node.events.filter((event) => event.type === type).length;
}

/** A follower that was down while the others went so far that only a snapshot helps. */
function withOneBehind(setup: WorldSetup = OFTEN): { world: World; behind: TestNode } {
  const world = new World(setup);
  world.leader();
  world.settle();
  const behind = world.followers()[0] as TestNode;
  world.crash(behind.id);
  world.fill(30);
  return { world, behind };
}

function expectSame(world: World): void {
  world.settle();
  const { lines } = world.leader().machine;
  for (const { machine } of world.nodes.values()) expect(machine.lines).toEqual(lines);
}

function isSnapshot(message: Message): message is Message & { type: "snapshotRequest" } {
  return message.type === "snapshotRequest";
}

describe("an own snapshot", () => {
  test("is taken when as many bytes of entries were applied as the limit says, and not before", () => {
    const world = new World({ founders: ["a"], limits: { snapshotEveryBytes: 1_000 } });
    const node = world.leader();
    let bytes = 0;
    while (count(node, "snapshotTaken") === 0) {
      expect(bytes).toBeLessThan(1_100);
      bytes += 32 + (node.up.raft.entryAt(world.answer(node.propose("0123456789")).index)?.data.length as number);
      world.run(1);
    }
    expect(bytes).toBeGreaterThan(850);
    const taken = node.up.raft.snapshot?.index as number;
    world.fill(5);
    expect(node.up.raft.snapshot?.index).toBe(taken);
  });

  test("is durable, name and all, before anything of the log behind it goes", () => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const { disk } = world.leader();
    world.fill(60);
    world.run(10);
    const steps = disk.trace.map((line) => line.replace(/^(\S+) \S*?(\.partial|\.segment|\.snapshot)?( .*)?$/, "$1$2"));
    let durable = 0;
    let removals = 0;
    for (const [i, step] of steps.entries()) {
      if (step === "rename.partial") {
        const lastSync = steps.slice(0, i).lastIndexOf("sync.partial");
        expect(steps.slice(0, i).lastIndexOf("write.partial")).toBeLessThan(lastSync);
        expect(steps.slice(i).indexOf("syncDirectory")).toBeGreaterThan(0);
        durable = i + steps.slice(i).indexOf("syncDirectory");
      }
      if (step === "remove.segment") {
        removals++;
        expect(durable).toBeGreaterThan(0);
        expect(durable).toBeLessThan(i);
      }
    }
    expect(removals).toBeGreaterThan(2);
  });

  test("does not let anything of the log go while its sync hangs", () => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const { disk } = world.leader();
    disk.hold((operation, name) => operation === "sync" && name.endsWith(".partial"));
    world.fill(60);
    expect(disk.trace.filter((line) => line.startsWith("remove"))).toEqual([]);
    expect(world.leader().up.raft.baseIndex).toBe(0);
    disk.release();
    world.fill(2);
    world.run(10);
    expect(disk.trace.filter((line) => line.startsWith("remove log-")).length).toBeGreaterThan(1);
    expect(world.leader().up.raft.baseIndex).toBeGreaterThan(0);
  });

  test("replaces the older one, and the log's files don't pile up", () => {
    const world = new World(OFTEN);
    for (let i = 0; i < 10; i++) {
      world.fill(20);
      world.settle();
      world.run(10);
      for (const node of world.nodes.values()) {
        expect(snapshotFiles(node).length).toBeLessThanOrEqual(1);
        expect(node.disk.names().length).toBeLessThanOrEqual(4);
        expect(node.up.status().logSizeBytes).toBeLessThan(2_500);
      }
    }
  });

  test("shows the state of the moment when it was begun, whatever is applied while it is written", () => {
    const world = new World({ ...OFTEN, founders: ["a"] });
    const node = world.leader();
    node.disk.hold((operation, name) => operation === "write" && name.endsWith(".partial"));
    world.fill(30);
    node.disk.release();
    world.until(() => count(node, "snapshotTaken") === 1);
    const { index } = node.up.raft.snapshot as { index: number };
    world.crash("a");
    let restored = -1;
    node.prepare = (machine) => {
      machine.before = (method) => {
        if (method === "apply" && restored < 0) restored = machine.lines.length;
      };
    };
    world.open("a");
    const lines = node.machine.lines.length;
    expect(lines).toBe(index - 2);
    world.leader();
    world.until(() => node.machine.lines.length === 30);
  });

  test("keeps as many entries behind it as the slow followers are to find", () => {
    const world = new World({ ...OFTEN, founders: ["a"], raft: { logTailEntries: 7 } });
    world.fill(60);
    const { raft } = world.leader().up;
    expect((raft.snapshot?.index as number) - raft.baseIndex).toBe(7);
  });
});

describe("a follower that is far behind", () => {
  test("gets the snapshot in chunks, and the log behind it", () => {
    const { world, behind } = withOneBehind();
    world.open(behind.id);
    expectSame(world);
    const chunks = world.sent.flatMap(({ message }) => (isSnapshot(message) ? [message] : []));
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map(({ data }) => data.length))).toBe(32);
    expect(count(behind, "snapshotInstalled")).toBe(1);
  });

  test("gets it though it is restarted in the middle, and chunks are lost, and members change", () => {
    const { world, behind } = withOneBehind();
    world.open(behind.id);
    world.until(() => world.sent.filter(({ message }) => isSnapshot(message)).length >= 3);
    world.restart(behind.id);
    let chunk = 0;
    world.fate = (message) => (isSnapshot(message) && chunk++ % 3 === 0 ? "drop" : "deliver");
    world.until(() => chunk > 4);
    world.heal();
    world.restart(world.leader().id);
    expectSame(world);
    expect(behind.disk.names().filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("applies nothing behind the snapshot, and answers no read, before its machine was put there", () => {
    const { world, behind } = withOneBehind();
    world.open(behind.id);
    behind.disk.hold((operation, name) => operation === "read" && name.endsWith(".snapshot"));
    world.until(() => count(behind, "snapshotInstalled") === 1);
    world.fill(5, "y");
    world.run(200);
    const asked = behind.read();
    world.run(200);
    expect(behind.machine.lines).toEqual([]);
    expect(behind.up.lastApplied).toBeLessThan(behind.up.raft.appliedIndex);
    expect(asked.verdict).toBeNull();
    behind.disk.release();
    expect(world.answer(asked)).toBe(world.leader().machine.lines.join(","));
    expectSame(world);
  });

  test("refuses bytes that are not what was announced, and gets them again", () => {
    const { world, behind } = withOneBehind();
    let altered = 0;
    world.fate = (message) => {
      if (!isSnapshot(message) || message.offset !== 32 || altered > 0) return "deliver";
      altered++;
      const data = message.data.slice();
      data[0] = (data[0] as number) ^ 1;
      world.schedule.after(1, () => behind.deliver({ ...message, data }));
      return "drop";
    };
    world.open(behind.id);
    expectSame(world);
    const failed = world.sentBy(behind.id, "snapshotResponse").filter((m) => m.type === "snapshotResponse" && m.failed);
    expect([altered, failed.length]).toEqual([1, 1]);
    expect(behind.stopReason).toBeNull();
    expect(count(behind, "snapshotInstalled")).toBe(1);
  });

  test("takes a newer one while it is still being put to the first", () => {
    const { world, behind } = withOneBehind();
    world.open(behind.id);
    behind.disk.hold((operation, name) => operation === "read" && name.endsWith(".snapshot"));
    world.until(() => count(behind, "snapshotInstalled") === 1);
    world.run(50);
    world.fate = ({ to }) => (to === behind.id ? "drop" : "deliver");
    world.fill(30, "y");
    world.heal();
    world.until(() => count(behind, "snapshotInstalled") === 2);
    world.fill(3, "z");
    world.run(100);
    expect(behind.machine.lines).toEqual([]);
    behind.disk.release();
    expectSame(world);
    expect(behind.stopReason).toBeNull();
  });

  test("takes one while it is taking an own one, which is then of no use", () => {
    const world = new World(OFTEN);
    world.leader();
    world.settle();
    const behind = world.followers()[0] as TestNode;
    let own = "";
    behind.disk.hold((operation, name) => {
      if (operation === "write" && name.endsWith(".partial") && own === "") own = name;
      return operation === "write" && name === own;
    });
    world.until(() => {
      world.fill(1);
      return own !== "";
    });
    world.fate = ({ to }) => (to === behind.id ? "drop" : "deliver");
    world.fill(30, "y");
    world.heal();
    world.until(() => count(behind, "snapshotInstalled") === 1);
    const installed = behind.up.raft.snapshot?.index;
    behind.disk.release();
    world.run(100);
    expect(behind.up.raft.snapshot?.index).toBe(installed);
    expect(snapshotFiles(behind)).toHaveLength(1);
    expectSame(world);
    world.restart(behind.id);
    expect(behind.openError).toBeNull();
    expectSame(world);
  });

  test("that gets the log sooner than the snapshot is written can still serve one to others", () => {
    const world = new World({ ...OFTEN, open: [] });
    // One that keeps the whole log, and two that keep none of it.
    const keeper = world.node("b");
    keeper.setup = { ...keeper.setup, raft: { ...OFTEN.raft, logTailEntries: 1_000 } };
    // One that takes none of its own, so that what it can serve is the one that came too late.
    const behind = world.node("c");
    behind.setup = { ...behind.setup, limits: { ...OFTEN.limits, snapshotEveryBytes: 1_000_000 } };
    for (const id of ["a", "b", "c"]) world.open(id);
    world.leader();
    if (world.leader() !== world.node("a")) world.verdict(world.leader().transfer("a"));
    world.crash("c");
    world.fill(30);
    world.open("c");
    behind.disk.hold((operation, name) => operation === "sync" && name.endsWith(".partial"));
    world.until(() => behind.disk.names().some((name) => name.endsWith(".partial")));
    world.run(50);
    world.crash("a");
    world.until(() => world.leader() === keeper);
    world.until(() => behind.machine.lines.length === 30);
    behind.disk.release();
    world.run(50);
    expect(count(behind, "snapshotInstalled")).toBe(0);
    expect(snapshotFiles(behind)).toHaveLength(1);
    expect(behind.up.raft.snapshot).not.toBeNull();
    expect(world.verdict(keeper.transfer("c"))).toBe("ok");
    const blank = world.add("d", null);
    world.open("d");
    expect(world.verdict(world.leader().reconfigure({ type: "addLearner", id: "d" }))).toBe("ok");
    world.until(() => blank.machine.lines.length === 30);
    expect(blank.machine.lines).toEqual(keeper.machine.lines);
  });
});
