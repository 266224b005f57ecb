import { expect, test } from "vitest";
import { text } from "../replica/support/diaryMachine.js";
import type { TestNode } from "../replica/support/testNode.js";
import { World } from "../replica/support/world.js";

test("a leader whose disk hangs goes on sending heartbeats, and the cluster stands still (hashicorp/raft#503, #612, #614, #666)", () => {
  const world = new World();
  const leader = world.leader();
  world.settle();
  leader.disk.hold(() => true);
  for (let i = 0; i < 5; i++) expect(world.verdict(leader.propose(`x${String(i)}`), 100)).toBe("ok");
  world.run(1_000);
  expect(world.answer(leader.read())).toBe("x0,x1,x2,x3,x4");
  for (const follower of world.followers()) expect(follower.machine.lines).toHaveLength(5);
});

test.each(["write", "sync"])(
  "the leader's own disk fails (%s) and an index is used again in the same term (canonical/raft#320, NuRaft#274)",
  (failing) => {
    const world = new World();
    const byPlace = new Map<string, string>();
    world.fate = (message) => {
      if (message.type !== "appendRequest") return "deliver";
      for (const { term, index, kind, data } of message.entries) {
        const place = `${String(term)}/${String(index)}`;
        const entry = `${kind} ${text(data)}`;
        expect(byPlace.get(place) ?? entry).toBe(entry);
        byPlace.set(place, entry);
      }
      return "deliver";
    };
    for (let round = 0; round < 3; round++) {
      const leader = world.leader();
      const { term } = leader.up.raft;
      const index = leader.up.raft.lastLogIndex + 1;
      leader.disk.failure = (operation, name) =>
        operation === failing && name.startsWith("log-") ? new Error("input/output error") : null;
      const asked = leader.propose(`lost ${String(round)}`);
      world.until(() => !leader.isUp);
      expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
      expect(leader.propose("more").verdict).toBe("STOPPED");
      leader.disk.failure = () => null;
      world.restart(leader.id);
      world.fill(2, `r${String(round)}-`);
      world.settle();
      expect(world.leader().up.raft.term).toBeGreaterThan(term);
      expect(byPlace.has(`${String(term)}/${String(index)}`)).toBe(true);
    }
    const lines = [...world.nodes.values()].map(({ machine }) => machine.lines);
    expect(lines[1]).toEqual(lines[0]);
    expect(lines[2]).toEqual(lines[0]);
  },
);

test("a single-node cluster answers before its write is durable, and a crash loses it (etcd#14370)", () => {
  const world = new World({ founders: ["a"] });
  const node = world.leader();
  world.fill(2);
  node.disk.hold((operation) => operation === "sync");
  const asked = node.propose("lost");
  world.run(1_000);
  expect(asked.verdict).toBeNull();
  expect(node.machine.lines).toEqual(["x0", "x1"]);
  world.restart("a");
  world.fill(1, "y");
  expect(node.machine.lines).toEqual(["x0", "x1", "y0"]);
  world.restart("a");
  world.leader();
  world.until(() => node.machine.lines.length === 3);
});

test("many writes under way at once end out of order, or are lost: every proposal is answered, and once (openraft#1960)", () => {
  const world = new World({ founders: ["a"], limits: { segmentBytes: 300 } });
  const node = world.leader();
  node.disk.latencyMs = 3;
  const asked = [];
  for (let i = 0; i < 60; i++) {
    asked.push(node.propose(`x${String(i)}`));
    world.run(i % 4);
  }
  for (const one of asked) expect(world.verdict(one)).toBe("ok");
  expect(asked.map((one) => one.value.index)).toEqual(asked.map((_one, i) => i + 3));
  expect(node.up.status().persistsInFlight).toBe(0);
});

test("every entry pays for a sync of its own, so that deep pipelines make it slower (hashicorp/raft#541)", () => {
  const world = new World({ founders: ["a"], limits: { segmentBytes: 65_536 } });
  const node = world.leader();
  node.disk.latencyMs = 1;
  const syncs = (): number => node.disk.trace.filter((line) => line.startsWith("sync ")).length;
  const before = syncs();
  const asked = Array.from({ length: 200 }, (_, i) => node.propose(`x${String(i)}`));
  world.verdict(asked.at(-1) as (typeof asked)[0]);
  expect(asked.every(({ verdict }) => verdict === "ok")).toBe(true);
  expect(syncs() - before).toBeLessThanOrEqual(3);
});

test("a follower that has lost the end of its log makes the leader, or itself, panic (etcd#10166, etcd#21178)", () => {
  const world = new World({ limits: { segmentBytes: 65_536 } });
  world.fill(3);
  world.settle();
  const loser = world.followers()[0] as TestNode;
  const [name] = loser.disk.names() as [string];
  const shorter = loser.disk.content(name);
  world.fill(5, "y");
  world.settle();
  world.crash(loser.id);
  // A disk that lies about its syncs: what was acknowledged is gone.
  loser.disk.put(name, shorter);
  world.open(loser.id);
  expect(loser.openError).toBeNull();
  world.fill(2, "z");
  world.settle();
  expect(loser.machine.lines).toEqual(world.leader().machine.lines);
  for (const node of world.nodes.values()) expect(node.stopReason).toBeNull();
});
