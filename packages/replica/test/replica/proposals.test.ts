import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/index.js";
import { WaitingCommands } from "../../src/replica/waitingCommands.js";
import { text } from "./support/diaryMachine.js";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

/** Cuts the leader off, with a proposal that nobody else has. */
function strand(world: World): { old: TestNode; asked: ReturnType<TestNode["propose"]> } {
  const old = world.leader();
  world.settle();
  world.partition(
    [old.id],
    ["a", "b", "c"].filter((id) => id !== old.id),
  );
  const asked = old.propose("lost");
  return { old, asked };
}

function otherLeader(world: World, old: TestNode): TestNode {
  world.until(() => world.leader() !== old);
  return world.leader();
}

describe("a proposal is answered", () => {
  test("with the state machine's result and its place in the log, once it is applied", () => {
    const world = new World();
    const leader = world.leader();
    const applied = world.answer(leader.propose("x"));
    expect(text(applied.result)).toBe("1:x");
    expect(applied).toMatchObject({ index: leader.up.raft.lastLogIndex, term: leader.up.raft.term, duplicate: false });
    expect(leader.up.raft.commitIndex).toBe(applied.index);
  });

  test("in the order of the log", () => {
    const world = new World();
    const leader = world.leader();
    const answered: number[] = [];
    for (let i = 0; i < 50; i++) leader.up.propose(new Uint8Array(8), null, () => answered.push(i));
    world.until(() => answered.length === 50);
    expect(answered).toEqual([...answered.keys()]);
  });

  test("with NOT_LEADER and who leads, by a follower; and nothing happens", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const asked = (world.followers()[0] as TestNode).propose("x");
    expect([asked.verdict, asked.leaderHint]).toEqual(["NOT_LEADER", leader.id]);
    world.run(1_000);
    expect(leader.machine.lines).toEqual([]);
  });

  test("with NOT_LEADER and no hint while nobody leads", () => {
    const world = new World({ open: ["a"] });
    const asked = world.node("a").propose("x");
    expect([asked.verdict, asked.leaderHint]).toEqual(["NOT_LEADER", null]);
  });

  test("with its result when it was committed by the next leader", () => {
    const world = new World();
    const old = world.leader();
    world.settle();
    world.fate = ({ to, type }) => (to === old.id && type !== "appendRequest" ? "drop" : "deliver");
    const asked = old.propose("x");
    expect(otherLeader(world, old)).not.toBe(old);
    world.heal();
    expect(text(world.answer(asked).result)).toBe("1:x");
    expect(old.up.raft.role).toBe("follower");
  });

  test("with NOT_LEADER when another leader's entry is committed in its place: it never will be", () => {
    const world = new World();
    const { old, asked } = strand(world);
    otherLeader(world, old);
    world.fill(2);
    expect(asked.verdict).toBeNull();
    world.heal();
    expect(world.verdict(asked)).toBe("NOT_LEADER");
    world.settle();
    for (const { machine } of world.nodes.values()) expect(machine.lines).toEqual(["x0", "x1"]);
  });

  test("with NOT_LEADER, all that were cut off, as soon as anything of a later term is committed before them", () => {
    const world = new World();
    const { old, asked } = strand(world);
    const others = Array.from({ length: 50 }, () => old.propose("lost, too"));
    otherLeader(world, old);
    world.heal();
    // The new leader's no-op alone is committed: it takes the place of the first of them.
    world.run(1_000);
    expect(world.leader().up.raft.lastLogIndex).toBeLessThan(10);
    expect([asked, ...others].map(({ verdict }) => verdict)).toEqual(Array.from({ length: 51 }, () => "NOT_LEADER"));
  });

  test("with UNKNOWN_OUTCOME when nothing is known in time", () => {
    const world = new World({ limits: { commandTimeoutMs: 700 } });
    const { asked } = strand(world);
    const { now } = world;
    expect(world.verdict(asked)).toBe("UNKNOWN_OUTCOME");
    expect(world.now - now).toBe(700);
  });

  test("after a timeout the answer that comes too late is not given as well", () => {
    const world = new World({ limits: { commandTimeoutMs: 50 } });
    const leader = world.leader();
    world.settle();
    world.fate = ({ type }) => (type === "appendAccepted" ? "drop" : "deliver");
    const asked = leader.propose("x");
    expect(world.verdict(asked)).toBe("UNKNOWN_OUTCOME");
    world.heal();
    world.until(() => leader.machine.lines.length === 1);
    expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
  });

  test("with UNKNOWN_OUTCOME when a snapshot took the entry's place", () => {
    const world = new World({
      limits: { snapshotEveryBytes: 200, segmentBytes: 500, commandTimeoutMs: 60_000 },
      raft: { logTailEntries: 0 },
    });
    const { old, asked } = strand(world);
    otherLeader(world, old);
    world.fill(20);
    expect(asked.verdict).toBeNull();
    world.heal();
    expect(world.verdict(asked, 2_000)).toBe("UNKNOWN_OUTCOME");
    expect(old.events.some(({ type }) => type === "snapshotInstalled")).toBe(true);
    world.settle();
    expect(old.machine.lines).not.toContain("lost");
  });

  test("with UNKNOWN_OUTCOME when the member leads again and takes another command at its index", () => {
    const world = new World();
    const { old, asked } = strand(world);
    const next = otherLeader(world, old);
    // The next leader's entries cut the old one's off, but are committed nowhere.
    world.fate = ({ from, to, type }) => {
      if (from === next.id && to === old.id) return "deliver";
      return type === "appendRequest" || type === "appendAccepted" ? "drop" : "deliver";
    };
    next.propose("also lost");
    world.until(() => old.events.some(({ type }) => type === "logTruncated"));
    world.crash(next.id);
    world.heal();
    world.until(() => world.leader() === old || asked.isAnswered);
    world.answer(world.leader().propose("x"));
    expect(world.verdict(asked)).toMatch(/UNKNOWN_OUTCOME|NOT_LEADER/);
    expect(old.machine.lines).not.toContain("lost");
  });

  test("with UNKNOWN_OUTCOME when the member is stopped, and with STOPPED afterwards", () => {
    const world = new World();
    const { old, asked } = strand(world);
    old.stop();
    expect(asked.verdict).toBe("UNKNOWN_OUTCOME");
    expect(old.propose("x").verdict).toBe("STOPPED");
    expect(old.register().verdict).toBe("STOPPED");
  });

  test("with OVERLOADED beyond the limit of commands that wait, and taken again later", () => {
    const world = new World({ limits: { maxWaitingCommands: 3 } });
    const leader = world.leader();
    const asked = [1, 2, 3, 4].map((i) => leader.propose(`x${String(i)}`));
    expect(asked.map(({ verdict }) => verdict)).toEqual([null, null, null, "OVERLOADED"]);
    world.answer(asked[2] as (typeof asked)[0]);
    expect(world.verdict(leader.propose("y"))).toBe("ok");
    expect(leader.machine.lines).toEqual(["x1", "x2", "x3", "y"]);
  });

  test("with OVERLOADED beyond the limit of uncommitted bytes, and taken again later", () => {
    const world = new World({ raft: { maxUncommittedBytes: 150 } });
    const leader = world.leader();
    world.settle();
    const first = leader.propose("x".repeat(100));
    expect(leader.propose("y".repeat(100)).verdict).toBe("OVERLOADED");
    world.answer(first);
    expect(world.verdict(leader.propose("z"))).toBe("ok");
  });

  test("with TOO_LARGE beyond the longest command, and not before", () => {
    const world = new World({ limits: { maxCommandBytes: 100 } });
    const leader = world.leader();
    expect(leader.propose("x".repeat(101)).verdict).toBe("TOO_LARGE");
    expect(world.verdict(leader.propose("x".repeat(100)))).toBe("ok");
  });

  test("with TRANSFERRING_LEADERSHIP and to whom, while leadership is handed over", () => {
    const world = new World();
    const leader = world.leader();
    const [to, other] = world.followers() as [TestNode, TestNode];
    world.partition([leader.id, other.id], [to.id]);
    leader.transfer(to.id);
    const asked = leader.propose("x");
    expect([asked.verdict, asked.leaderHint]).toEqual(["TRANSFERRING_LEADERSHIP", to.id]);
  });

  test("from within the answer to another one", () => {
    const world = new World();
    const leader = world.leader();
    const verdicts: string[] = [];
    const next = (left: number): void => {
      leader.up.propose(Uint8Array.of(left), null, (outcome) => {
        verdicts.push(outcome.ok ? "ok" : outcome.code);
        if (left > 0) next(left - 1);
      });
    };
    next(4);
    world.until(() => verdicts.length === 5);
    expect(verdicts).toEqual(["ok", "ok", "ok", "ok", "ok"]);
  });
});

describe("whoever waits for an index", () => {
  const entry = (index: number, term: number) =>
    ({ index, term, kind: "noop", data: new Uint8Array(0), configuration: null }) as const;

  function waiter(told: string[], name: string) {
    return {
      applied: () => void told.push(`${name} applied`),
      refused: (code: string) => void told.push(`${name} ${code}`),
    };
  }

  test("is refused when an entry of another term was applied there, or one without a result", () => {
    const waiting = new WaitingCommands();
    const told: string[] = [];
    waiting.add(5, 2, 100, waiter(told, "first"));
    waiting.add(6, 3, 100, waiter(told, "second"));
    waiting.settle(entry(4, 2), null);
    waiting.settle(entry(5, 3), { status: "applied", result: new Uint8Array(0) });
    waiting.settle(entry(6, 3), { status: "applied", result: new Uint8Array(0) });
    waiting.settle(entry(6, 3), { status: "applied", result: new Uint8Array(0) });
    expect(told).toEqual(["first NOT_LEADER", "second applied"]);
  });

  test("gives way to whoever proposes at that index later, and the deadlines stay in order", () => {
    const waiting = new WaitingCommands();
    const told: string[] = [];
    waiting.add(5, 2, 100, waiter(told, "first"));
    waiting.add(6, 2, 110, waiter(told, "second"));
    waiting.add(5, 3, 120, waiter(told, "third"));
    expect([told, waiting.deadline]).toEqual([["first UNKNOWN_OUTCOME"], 110]);
    waiting.expire(115);
    expect([told.at(-1), waiting.deadline, waiting.size]).toEqual(["second UNKNOWN_OUTCOME", 120, 1]);
  });
});

test("what is no bytes is refused as malformed, and stops nobody", () => {
  const world = new World({ founders: ["a"] });
  const { up } = world.leader();
  const codes: string[] = [];
  const note = (outcome: Outcome<unknown>): void => {
    codes.push(outcome.ok ? "ok" : outcome.code);
  };
  for (const odd of [null, undefined, {}, [1], "text", new Uint16Array(1)]) {
    up.propose(odd as never, null, note);
    up.read(odd as never, "linearizable", note);
  }
  up.propose(new Uint8Array(1), undefined as never, note);
  up.propose(new Uint8Array(1), {} as never, note);
  expect(new Set(codes)).toEqual(new Set(["MALFORMED"]));
  expect(codes).toHaveLength(14);
  for (const odd of [null, [null], [{ type: "addLearner" }], [{ type: "addLearner", id: 5 }], ["x"], { length: 3 }]) {
    up.reconfigure(odd as never, note);
  }
  expect(codes.slice(14)).toEqual(Array.from({ length: 6 }, () => "INVALID_CHANGE"));
  expect(up.isStopped).toBe(false);
});
