import { expect, test } from "vitest";
import { DiskFullError } from "../../src/index.js";
import type { TestNode } from "./support/testNode.js";
import { World, type WorldSetup } from "./support/world.js";

const SMALL_SEGMENTS: WorldSetup = { limits: { segmentBytes: 4_096 } };

/** From now on no file can be made longer. Returns what ends that. */
function fill(node: TestNode): () => void {
  node.disk.failure = (operation, name) =>
    operation === "resize" || (operation === "write" && name.endsWith(".partial"))
      ? new DiskFullError("no space left")
      : null;
  return () => (node.disk.failure = () => null);
}

/** Proposes until something else than `ok` comes; returns that and how often it was `ok`. */
function proposeUntilRefused(world: World, node: TestNode): { readonly verdict: string; readonly accepted: number } {
  for (let accepted = 0; accepted < 2_000; accepted++) {
    const verdict = world.verdict(node.propose(`x${String(accepted)}`));
    if (verdict !== "ok") return { verdict, accepted };
  }
  throw new Error("nothing was refused");
}

test("a leader whose disk is full refuses what is proposed, goes on leading, and takes it again when there is room", () => {
  const world = new World(SMALL_SEGMENTS);
  const leader = world.leader();
  const makeRoom = fill(leader);
  const { verdict, accepted } = proposeUntilRefused(world, leader);
  expect(verdict).toBe("DISK_FULL");
  expect(accepted).toBeGreaterThan(20);
  expect(leader.events).toContainEqual({ type: "diskFull", full: true });
  world.run(5_000);
  expect(leader.isUp).toBe(true);
  expect(world.leader()).toBe(leader);
  expect(leader.propose("y").verdict).toBe("DISK_FULL");
  world.run(1_000);
  makeRoom();
  // This one has the disk asked again.
  expect(leader.propose("y").verdict).toBe("DISK_FULL");
  world.run(100);
  expect(leader.events).toContainEqual({ type: "diskFull", full: false });
  expect(world.verdict(leader.propose("z"))).toBe("ok");
  world.settle();
  for (const { machine } of world.nodes.values()) expect(machine.lines).toHaveLength(accepted + 1);
});

test("a full disk is asked for room at most once a second, however much is refused", () => {
  const world = new World({ ...SMALL_SEGMENTS, founders: ["a"] });
  const leader = world.leader();
  fill(leader);
  proposeUntilRefused(world, leader);
  const attempts = (): number => leader.disk.trace.filter((line) => line === "open spare.segment").length;
  const before = attempts();
  for (let i = 0; i < 300; i++) {
    expect(leader.propose("y").verdict).toBe("DISK_FULL");
    world.run(10);
  }
  expect(attempts() - before).toBeGreaterThanOrEqual(2);
  expect(attempts() - before).toBeLessThanOrEqual(4);
});

test("a snapshot for which there is no room is given up, and taken later", () => {
  const world = new World({ limits: { segmentBytes: 16_384, snapshotEveryBytes: 400 }, founders: ["a"] });
  const node = world.leader();
  const makeRoom = fill(node);
  world.fill(30);
  world.run(100);
  expect(node.isUp).toBe(true);
  expect(node.disk.names().filter((name) => name.startsWith("snapshot-"))).toEqual([]);
  makeRoom();
  world.fill(30, "y");
  world.run(100);
  expect(node.disk.names().filter((name) => name.endsWith(".snapshot"))).toHaveLength(1);
});
