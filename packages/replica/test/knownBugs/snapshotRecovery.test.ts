import { expect, test } from "vitest";
import type { TestNode } from "../replica/support/testNode.js";
import { World, type WorldSetup } from "../replica/support/world.js";

const OFTEN: WorldSetup = {
  limits: { snapshotEveryBytes: 300, snapshotChunkBytes: 16, segmentBytes: 600 },
  raft: { logTailEntries: 0, snapshotChunkBytes: 16 },
};

function snapshotOf(node: TestNode): string {
  return node.disk.names().find((name) => name.endsWith(".snapshot")) as string;
}

test("the whole log is compacted, and a follower that was down never converges (openraft#1828, RATIS-1241, RATIS-1305)", () => {
  const world = new World(OFTEN);
  world.leader();
  world.settle();
  const behind = world.followers()[0] as TestNode;
  world.crash(behind.id);
  world.fill(30);
  const leader = world.leader();
  world.until(() => leader.up.raft.baseIndex === leader.up.raft.snapshot?.index);
  world.open(behind.id);
  // Snapshots go on being taken while the older one is on its way.
  for (let i = 0; i < 40; i++) {
    world.answer(world.leader().propose(`y${String(i)}`));
    world.run(3);
  }
  world.settle();
  expect(behind.machine.lines).toEqual(world.leader().machine.lines);
});

test("a follower of an idle cluster whose disk was replaced loops for ever (RATIS-2500, RATIS-2523)", () => {
  const world = new World(OFTEN);
  world.fill(30);
  world.settle();
  const wiped = world.followers()[0] as TestNode;
  const leader = world.leader();
  world.answer(leader.reconfigure({ type: "remove", id: wiped.id }));
  world.crash(wiped.id);
  const blank = world.add("d", null);
  world.open("d");
  world.answer(leader.reconfigure({ type: "addLearner", id: "d" }));
  world.settle();
  expect(blank.machine.lines).toEqual(leader.machine.lines);
  world.run(100);
  const sent = world.sent.length;
  world.run(3_000);
  const types = new Set(world.sent.slice(sent).map(({ message }) => message.type));
  expect(types).toEqual(new Set(["heartbeatRequest", "heartbeatResponse"]));
});

test("a state machine that is behind the snapshot is accepted in silence (dragonboat#156, dragonboat#369)", () => {
  const world = new World({ ...OFTEN, founders: ["a"] });
  world.fill(40);
  const node = world.leader();
  world.run(10);
  world.crash("a");
  const older = new Map<string, Uint8Array>([[snapshotOf(node), node.disk.content(snapshotOf(node))]]);
  world.open("a");
  world.fill(40, "y");
  world.run(10);
  const { lines } = node.machine;
  // The newest snapshot is exchanged for the one before: what lies between is in no file any more.
  world.crash("a");
  node.disk.drop(snapshotOf(node));
  for (const [name, bytes] of older) node.disk.put(name, bytes);
  world.open("a");
  expect(node.openError).toMatchObject({ code: "ENTRIES_MISSING" });
  expect(node.replica).toBeNull();
  expect(lines).toHaveLength(80);
});

test("a snapshot that is damaged is not replaced by an empty state machine (dragonboat#156)", () => {
  const world = new World({ ...OFTEN, founders: ["a"] });
  world.fill(40);
  const node = world.leader();
  world.run(10);
  world.crash("a");
  const name = snapshotOf(node);
  const file = node.disk.content(name);
  const at = file.length - 30;
  file[at] = (file[at] as number) ^ 1;
  node.disk.put(name, file);
  world.open("a");
  expect(node.openError).toMatchObject({ code: "SNAPSHOT_CORRUPT" });
  expect(node.disk.openFiles).toEqual([]);
});

test("an old configuration after a snapshot from afar, also after a restart (scylladb#9551, etcd#12637)", () => {
  const world = new World(OFTEN);
  world.leader();
  world.settle();
  const behind = world.followers()[0] as TestNode;
  world.crash(behind.id);
  world.add("d", null);
  world.open("d");
  world.answer(world.leader().reconfigure({ type: "addLearner", id: "d" }));
  world.fill(30);
  const { configuration } = world.leader().up.raft;
  expect(configuration.learners).toEqual(["d"]);
  world.open(behind.id);
  world.settle();
  expect(behind.events.some(({ type }) => type === "snapshotInstalled")).toBe(true);
  expect(behind.up.raft.configuration).toEqual(configuration);
  world.restart(behind.id);
  expect(behind.up.raft.configuration).toEqual(configuration);
});

test("an uncommitted joint configuration, recovered after a restart, is left too early (camunda#60086)", () => {
  const world = new World();
  world.leader();
  world.add("d", null);
  world.open("d");
  world.answer(world.leader().reconfigure({ type: "addLearner", id: "d" }));
  world.settle();
  const leader = world.leader();
  world.fate = ({ type }) => (type === "appendRequest" || type === "appendAccepted" ? "drop" : "deliver");
  leader.reconfigure({ type: "promote", id: "d" }, { type: "remove", id: leader.id });
  world.run(20);
  world.restart(leader.id);
  const { raft } = leader.up;
  expect(raft.configuration.votersOutgoing).toEqual(["a", "b", "c"]);
  expect(raft.commitIndex).toBe(0);
  world.run(2_000);
  // As long as nothing can be committed, it stays joint for whoever has it.
  for (const { up } of world.nodes.values()) {
    const { votersOutgoing, voters } = up.raft.configuration;
    expect(votersOutgoing.length > 0 || voters.join() === "a,b,c").toBe(true);
  }
  world.heal();
  world.until(() => world.leader().up.raft.configuration.votersOutgoing.length === 0);
  // A leader that is removed by it hands over first.
  world.run(1_000);
  expect(world.verdict(world.leader().propose("x"))).toBe("ok");
});
