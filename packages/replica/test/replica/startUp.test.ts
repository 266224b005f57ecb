import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/index.js";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

/** Snapshots often, in several chunks, and the log goes soon. */
const SNAPSHOTS: WorldSetup = {
  limits: { snapshotEveryBytes: 400, snapshotChunkBytes: 16, segmentBytes: 600 },
  raft: { logTailEntries: 2 },
};

function codeOf(error: Error | null): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function snapshotFiles(node: TestNode): string[] {
  return node.disk.names().filter((name) => name.endsWith(".snapshot"));
}

function crashAll(world: World): void {
  for (const id of world.nodes.keys()) world.crash(id);
}

describe("a member that starts without a past", () => {
  test("founds a cluster with the other founders, and they elect a leader", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    for (const { up } of world.nodes.values()) {
      expect(up.raft.leader).toBe(leader.id);
      expect(up.raft.configuration.voters).toEqual(["a", "b", "c"]);
      expect(up.raft.entryAt(1)?.kind).toBe("configuration");
    }
  });

  test("founds a cluster of its own when it is the only founder", () => {
    const world = new World({ founders: ["a"] });
    expect(world.answer(world.leader().propose("x")).index).toBe(3);
  });

  test("without founders it neither campaigns nor speaks until it is added", () => {
    const world = new World();
    const joiner = world.add("d", null);
    world.open("d");
    world.run(10_000);
    expect(world.sent.filter(({ message }) => message.from === "d")).toEqual([]);
    expect(joiner.up.raft.term).toBe(0);
    world.fill(3);
    world.answer(world.leader().reconfigure({ type: "addLearner", id: "d" }));
    world.until(() => joiner.machine.lines.length === 3);
    expect(joiner.machine.lines).toEqual(["x0", "x1", "x2"]);
  });

  test("tells what it recovered before it is handed over", () => {
    const world = new World({ founders: ["a"] });
    expect(world.node("a").events[0]).toEqual({ type: "recovered", lastLogIndex: 1, snapshotIndex: 0, tornBytes: 0 });
  });

  test.each([
    ["an empty name among the founders", { founders: ["a", ""] }],
    ["founders without itself", { founders: ["b"] }],
    ["a segment that is too long", { limits: { segmentBytes: 2 ** 40 } }],
    ["an unknown limit", { limits: { snapshotEvery: 1 } }],
    ["a wrong group", { group: -1 }],
  ])("refuses %s, and leaves no file open", (_what, wrong) => {
    const world = new World({ founders: ["a"], open: [] });
    const node = world.node("a");
    node.setup = { ...node.setup, ...(wrong as Partial<WorldSetup>) };
    let thrown: unknown = null;
    try {
      world.open("a");
    } catch (error) {
      thrown = error;
    }
    expect(codeOf((thrown as Error | null) ?? node.openError)).toBe("INVALID_OPTION");
    world.run(100);
    expect(node.disk.openFiles).toEqual([]);
  });
});

describe("a member that starts again", () => {
  test("knows its term and vote, its log, and all that it had applied", () => {
    const world = new World();
    world.fill(5);
    world.settle();
    const before = world.node("b").up;
    const { term, vote } = before.raft;
    const entries = world.node("b").log;
    crashAll(world);
    const { up } = world.open("b");
    expect({ term: up.raft.term, vote: up.raft.vote }).toEqual({ term, vote });
    expect(world.node("b").log).toEqual(entries);
    world.open("a");
    world.open("c");
    world.leader();
    world.settle();
    for (const { machine } of world.nodes.values()) expect(machine.lines).toEqual(["x0", "x1", "x2", "x3", "x4"]);
  });

  test("restores the snapshot first, and applies only the log behind it", () => {
    const world = new World(SNAPSHOTS);
    world.fill(20);
    world.settle();
    const lines = world.node("a").machine.lines;
    world.run(100);
    crashAll(world);
    const applied: string[][] = [];
    for (const id of ["a", "b", "c"]) {
      const node = world.open(id);
      expect(node.up.raft.snapshot?.index).toBeGreaterThan(10);
      expect(node.up.lastApplied).toBe(node.up.raft.snapshot?.index);
      expect(node.machine.lines).toEqual(lines.slice(0, node.machine.lines.length));
      applied.push([...node.machine.lines]);
    }
    world.leader();
    world.settle();
    for (const { machine } of world.nodes.values()) expect(machine.lines).toEqual(lines);
    expect(applied.every((some) => some.length > 5)).toBe(true);
  });

  test("goes on behind a snapshot of its own that is newer than its log: the log's sync was slower", () => {
    const world = new World(SNAPSHOTS);
    world.fill(1);
    const slow = world.followers()[0] as TestNode;
    slow.disk.hold((operation, name) => operation === "sync" && name.startsWith("log-"));
    world.fill(20);
    world.until(() => snapshotFiles(slow).length > 0);
    world.run(100);
    world.restart(slow.id);
    expect(slow.openError).toBeNull();
    world.fill(5, "y");
    world.settle();
    expect(slow.stopReason).toBeNull();
    expect(slow.machine.lines).toEqual(world.leader().machine.lines);
    world.restart(slow.id);
    expect(slow.openError).toBeNull();
    world.settle();
    expect(slow.machine.lines).toEqual(world.leader().machine.lines);
  });

  test("goes on behind a leader's snapshot of which its log does not know yet", () => {
    const world = new World(SNAPSHOTS);
    world.fill(2);
    world.settle();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    world.fill(30);
    world.open(behind.id);
    behind.disk.hold((operation, name) => operation === "write" && name.startsWith("log-"));
    world.until(() => snapshotFiles(behind).length > 0);
    world.run(10);
    world.restart(behind.id);
    expect(behind.openError).toBeNull();
    world.fill(5, "y");
    world.settle();
    expect(behind.stopReason).toBeNull();
    world.restart(behind.id);
    world.fill(5, "z");
    world.settle();
    expect(behind.stopReason).toBeNull();
    expect(behind.machine.lines).toEqual(world.leader().machine.lines);
  });

  test("refuses when there is a snapshot and no log, for it may have voted", () => {
    const world = new World(SNAPSHOTS);
    world.fill(30);
    world.run(100);
    const node = world.node("a");
    world.crash("a");
    for (const name of node.disk.names()) if (!name.endsWith(".snapshot")) node.disk.drop(name);
    world.open("a");
    expect(codeOf(node.openError)).toBe("LOG_MISSING");
  });

  test("refuses when entries between snapshot and log are gone", () => {
    const world = new World(SNAPSHOTS);
    world.fill(30);
    world.run(100);
    const node = world.node("a");
    world.crash("a");
    for (const name of snapshotFiles(node)) node.disk.drop(name);
    world.open("a");
    expect(codeOf(node.openError)).toBe("ENTRIES_MISSING");
    expect(node.disk.openFiles).toEqual([]);
  });

  test("takes nothing of another group for its own", () => {
    const world = new World({ founders: ["a"] });
    world.fill(3);
    const node = world.node("a");
    world.crash("a");
    node.setup = { ...node.setup, group: 2 };
    world.open("a");
    expect(node.up.raft.lastLogIndex).toBe(1);
    world.leader();
    expect(node.machine.lines).toEqual([]);
    world.crash("a");
    node.setup = { ...node.setup, group: 1 };
    world.open("a");
    world.leader();
    world.until(() => node.machine.lines.length === 3);
  });

  test("refuses a log that another version of the format wrote, and changes nothing", () => {
    const world = new World({ founders: ["a"] });
    const node = world.node("a");
    world.crash("a");
    const [name] = node.disk.names() as [string];
    const file = node.disk.content(name);
    const view = new DataView(file.buffer);
    view.setUint32(8, 99, true);
    view.setUint32(12, crc32c(file, 0, 12), true);
    node.disk.put(name, file);
    world.open("a");
    expect(codeOf(node.openError)).toBe("FORMAT_UNKNOWN");
    expect(Buffer.compare(node.disk.content(name), file)).toBe(0);
    expect(node.disk.openFiles).toEqual([]);
  });

  test("refuses a log that is damaged before its end", () => {
    const world = new World({ founders: ["a"] });
    world.fill(5);
    const node = world.node("a");
    world.crash("a");
    const [name] = node.disk.names() as [string];
    const file = node.disk.content(name);
    file[120] = (file[120] as number) ^ 1;
    node.disk.put(name, file);
    world.open("a");
    expect(codeOf(node.openError)).toBe("LOG_DAMAGED");
    expect(node.disk.openFiles).toEqual([]);
  });

  test.each(["restore", "write", "finish"] as const)(
    "refuses with RESTORE_FAILED and the cause when the state machine throws in %s",
    (method) => {
      const world = new World({ ...SNAPSHOTS, founders: ["a"] });
      world.fill(20);
      world.run(100);
      const node = world.node("a");
      world.crash("a");
      const cause = new Error("made by a newer version");
      node.prepare = (machine) => {
        machine.before = (called) => {
          if (called === method) throw cause;
        };
      };
      world.open("a");
      expect(codeOf(node.openError)).toBe("RESTORE_FAILED");
      expect(node.openError?.cause).toBe(cause);
      expect(node.disk.openFiles).toEqual([]);
      node.prepare = () => undefined;
      world.open("a");
      expect(node.openError).toBeNull();
    },
  );

  test("hands over the error, once, wherever the disk fails, and opens when it works again", () => {
    const world = new World({ ...SNAPSHOTS, founders: ["a"] });
    world.fill(20);
    world.run(100);
    const node = world.node("a");
    const lines = node.machine.lines;
    let operations = 0;
    for (let failing = 0; ; failing++) {
      world.crash("a");
      operations = 0;
      node.disk.failure = (operation, name) =>
        operations++ === failing ? new Error(`no ${operation} of ${name}`) : null;
      world.open("a");
      node.disk.failure = () => null;
      if (operations <= failing) break;
      expect(codeOf(node.openError)).toBe("STORAGE_FAILED");
      expect((node.openError?.cause as Error).message).toMatch(/^no /);
    }
    expect(operations).toBeGreaterThan(10);
    world.leader();
    expect(node.machine.lines).toEqual(lines);
  });
});
