import { describe, expect, test } from "vitest";
import { Asked } from "./support/asked.js";
import { text } from "./support/diaryMachine.js";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

const command = (sessionId: number, sequence: number, firstOpenSequence = 1) => ({
  sessionId,
  sequence,
  firstOpenSequence,
});

function register(world: World): number {
  return world.answer(world.leader().register()).sessionId;
}

describe("a command of a session takes effect once", () => {
  test("when it is sent again to the same leader", () => {
    const world = new World();
    const id = register(world);
    const first = world.answer(world.leader().propose("x", command(id, 1)));
    const again = world.answer(world.leader().propose("x", command(id, 1)));
    expect([first.duplicate, again.duplicate]).toEqual([false, true]);
    expect(text(again.result)).toBe(text(first.result));
    expect(world.leader().machine.lines).toEqual(["x"]);
  });

  test("when its leader died after committing it, and the next one gets it again", () => {
    const world = new World();
    const id = register(world);
    const old = world.leader();
    world.settle();
    world.fate = ({ to, type }) => (to === old.id && type === "appendAccepted" ? "drop" : "deliver");
    const unanswered = old.propose("x", command(id, 1));
    world.until(() => world.followers().every(({ up }) => up.raft.lastLogIndex === old.up.raft.lastLogIndex));
    world.crash(old.id);
    world.heal();
    const again = world.answer(world.leader().propose("x", command(id, 1)));
    expect([text(again.result), again.duplicate]).toEqual(["1:x", true]);
    world.open(old.id);
    world.settle();
    for (const { machine } of world.nodes.values()) expect(machine.lines).toEqual(["x"]);
    expect(unanswered.verdict).toBeNull();
  });

  test("when all members were restarted in between, from snapshot and log", () => {
    const world = new World({ limits: { snapshotEveryBytes: 200 }, raft: { logTailEntries: 1 } });
    const id = register(world);
    const first = world.answer(world.leader().propose("x", command(id, 1)));
    world.fill(10);
    world.run(100);
    for (const node of ["a", "b", "c"]) world.crash(node);
    for (const node of ["a", "b", "c"]) world.open(node);
    expect(world.leader().up.raft.snapshot).not.toBeNull();
    const again = world.answer(world.leader().propose("x", command(id, 1)));
    expect([text(again.result), again.duplicate]).toEqual([text(first.result), true]);
    expect(world.leader().machine.lines.filter((line) => line === "x")).toHaveLength(1);
  });

  test("on a member that learned of it by a leader's snapshot", () => {
    const world = new World({ limits: { snapshotEveryBytes: 200, segmentBytes: 500 }, raft: { logTailEntries: 0 } });
    world.leader();
    const behind = world.followers()[0] as TestNode;
    world.crash(behind.id);
    const id = register(world);
    world.answer(world.leader().propose("x", command(id, 1)));
    world.fill(20);
    world.open(behind.id);
    world.settle();
    expect(behind.events.some(({ type }) => type === "snapshotInstalled")).toBe(true);
    world.verdict(world.leader().transfer(behind.id));
    world.until(() => world.leader() === behind);
    expect(world.answer(behind.propose("x", command(id, 1))).duplicate).toBe(true);
  });
});

describe("a session", () => {
  test("that is idle for too long by the replicated clock expires, on every member at the same entry", () => {
    const world = new World({ sessions: { sessionTimeoutMs: 1_000 } });
    const id = register(world);
    world.run(1_500);
    expect(world.node("a").events.filter(({ type }) => type === "sessionExpired")).toEqual([]);
    world.fill(1);
    world.settle();
    for (const { events } of world.nodes.values()) {
      expect(events.filter(({ type }) => type === "sessionExpired")).toEqual([
        { type: "sessionExpired", sessionId: id },
      ]);
    }
    expect(world.verdict(world.leader().propose("x", command(id, 1)))).toBe("SESSION_EXPIRED");
    expect(world.leader().machine.lines).toEqual(["x0"]);
  });

  test("that is used stays, however long", () => {
    const world = new World({ sessions: { sessionTimeoutMs: 1_000 } });
    const id = register(world);
    for (let sequence = 1; sequence <= 5; sequence++) {
      world.run(900);
      expect(world.verdict(world.leader().propose("x", command(id, sequence)))).toBe("ok");
    }
  });

  test("does not expire while nobody leads, for then nobody could have renewed it", () => {
    const world = new World({ sessions: { sessionTimeoutMs: 1_000 } });
    const id = register(world);
    for (const node of ["a", "b", "c"]) world.crash(node);
    world.run(60_000);
    for (const node of ["a", "b", "c"]) world.open(node);
    expect(world.verdict(world.leader().propose("x", command(id, 1)))).toBe("ok");
  });

  test("that is closed is gone, and closing it again does no harm", () => {
    const world = new World();
    const id = register(world);
    for (let i = 0; i < 2; i++) {
      const closed = new Asked<null>();
      world.leader().up.closeSession(id, closed.handler);
      expect(world.verdict(closed)).toBe("ok");
    }
    expect(world.verdict(world.leader().propose("x", command(id, 1)))).toBe("SESSION_EXPIRED");
    expect(world.leader().up.status().sessions).toBe(0);
  });

  test("gets STALE_SEQUENCE for what it has said to be answered, and OUT_OF_ORDER beyond the next", () => {
    const world = new World();
    const id = register(world);
    const leader = world.leader();
    expect(world.verdict(leader.propose("x", command(id, 1)))).toBe("ok");
    expect(world.verdict(leader.propose("z", command(id, 3)))).toBe("OUT_OF_ORDER");
    expect(world.verdict(leader.propose("y", command(id, 2, 2)))).toBe("ok");
    expect(world.verdict(leader.propose("x", command(id, 1)))).toBe("STALE_SEQUENCE");
    expect(leader.machine.lines).toEqual(["x", "y"]);
  });

  test.each([
    command(1, 0),
    command(1, 1, 2),
    command(1, 1, 0),
    command(-1, 1),
    command(Number.NaN, 1),
    command(1, 2 ** 60),
    command(1.5, 1),
  ])("whose client sends impossible numbers is refused, and the member goes on (%j)", (wrong) => {
    const world = new World({ founders: ["a"] });
    const leader = world.leader();
    expect(world.verdict(leader.propose("x", wrong))).toBe("MALFORMED");
    const closed = new Asked<null>();
    leader.up.closeSession(-1, closed.handler);
    expect(world.verdict(closed)).toBe("MALFORMED");
    expect(world.verdict(leader.propose("y"))).toBe("ok");
  });

  test("is not needed: a command without one is not remembered", () => {
    const world = new World({ founders: ["a"] });
    world.answer(world.leader().propose("x"));
    world.answer(world.leader().propose("x"));
    expect(world.leader().machine.lines).toEqual(["x", "x"]);
  });
});
