import { describe, expect, test } from "vitest";
import { WaitingReads } from "../../src/replica/waitingReads.js";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

const LEASES = { raft: { leaseReads: true } };

describe("a read", () => {
  test.each(["linearizable", "lease"] as const)("sees, at the leader, what was answered before (%s)", (consistency) => {
    const world = new World(LEASES);
    world.fill(3);
    expect(world.answer(world.leader().read(consistency))).toBe("x0,x1,x2");
  });

  test.each(["linearizable", "lease"] as const)("sees it at a follower, too (%s)", (consistency) => {
    const world = new World(LEASES);
    world.fill(3);
    for (const follower of world.followers()) expect(world.answer(follower.read(consistency))).toBe("x0,x1,x2");
  });

  test("asks a majority, unless it may rely on a lease", () => {
    const world = new World(LEASES);
    const leader = world.leader();
    world.fill(1);
    world.settle();
    const sent = world.sent.length;
    expect(leader.read("lease").verdict).toBe("ok");
    expect(world.sent).toHaveLength(sent);
    const asked = leader.read("linearizable");
    expect(asked.verdict).toBeNull();
    expect(world.sent.length).toBeGreaterThan(sent);
    expect(world.answer(asked)).toBe("x0");
  });

  test("by a lease is not answered by a leader that was cut off for longer", () => {
    const world = new World(LEASES);
    const old = world.leader();
    world.fill(1);
    world.partition(
      [old.id],
      world.followers().map(({ id }) => id),
    );
    world.until(() => world.leader() !== old);
    world.fill(1, "y");
    expect(world.verdict(old.read("lease"))).not.toBe("ok");
  });

  test("that is stale is answered at once, from what the member happens to have", () => {
    const world = new World();
    world.fill(1);
    const behind = world.followers()[0] as TestNode;
    world.settle();
    world.fate = ({ to }) => (to === behind.id ? "drop" : "deliver");
    world.fill(1, "y");
    const asked = behind.read("stale");
    expect([asked.verdict, asked.value]).toEqual(["ok", "x0"]);
  });

  test("never gives what is old at a leader that doesn't know that another one leads", () => {
    const world = new World();
    const old = world.leader();
    world.fill(1);
    world.partition(
      [old.id],
      world.followers().map(({ id }) => id),
    );
    const asked = old.read();
    world.until(() => world.leader() !== old);
    world.fill(1, "y");
    expect(world.verdict(asked)).toBe("NO_LEADER");
    expect(old.machine.lines).toEqual(["x0"]);
  });

  test("waits at a new leader until it has committed something in its term", () => {
    const world = new World();
    const old = world.leader();
    world.fill(1);
    world.crash(old.id);
    world.fate = ({ type }) => (type === "appendAccepted" ? "drop" : "deliver");
    let elected: TestNode | undefined;
    world.until(() => {
      elected = [...world.nodes.values()].find((node) => node.isUp && node.up.raft.role === "leader");
      return elected !== undefined;
    });
    const leader = elected as unknown as TestNode;
    const asked = [leader.read(), leader.read("lease")];
    world.run(200);
    expect(leader.up.raft.role).toBe("leader");
    expect(asked.map(({ verdict }) => verdict)).toEqual([null, null]);
    world.heal();
    for (const read of asked) expect(world.answer(read)).toBe("x0");
  });

  test("waits at a follower until it has applied as far as the leader had committed", () => {
    const world = new World();
    world.fill(1);
    world.settle();
    const behind = world.followers()[0] as TestNode;
    world.fate = ({ to, type }) => (to === behind.id && type === "appendRequest" ? "drop" : "deliver");
    world.fill(1, "y");
    const asked = behind.read();
    world.run(200);
    expect(asked.verdict).toBeNull();
    expect(world.sentBy(world.leader().id, "readIndexResponse")).toHaveLength(1);
    world.heal();
    expect(world.answer(asked)).toBe("x0,y0");
  });

  test("is refused with NO_LEADER where none is known", () => {
    const world = new World({ open: ["a"] });
    expect(world.verdict(world.node("a").read())).toBe("NO_LEADER");
  });

  test("is refused when the leader does not answer its follower", () => {
    const world = new World();
    world.leader();
    world.settle();
    const follower = world.followers()[0] as TestNode;
    world.fate = ({ type }) => (type === "readIndexRequest" ? "drop" : "deliver");
    expect(world.verdict(follower.read(), 1_000)).toBe("TIMED_OUT");
  });

  test("is refused in time when the leader hears nobody, and does not ask whether it should", () => {
    const world = new World({ raft: { checkQuorum: false }, limits: { readTimeoutMs: 700 } });
    const leader = world.leader();
    world.settle();
    world.partition([leader.id]);
    const { now } = world;
    expect(world.verdict(leader.read())).toBe("TIMED_OUT");
    expect(world.now - now).toBe(700);
  });

  test("is refused with OVERLOADED beyond the limit", () => {
    const world = new World({ limits: { maxWaitingReads: 2 } });
    const leader = world.leader();
    world.settle();
    const asked = [leader.read(), leader.read(), leader.read()];
    expect(asked.map(({ verdict }) => verdict)).toEqual([null, null, "OVERLOADED"]);
    for (const read of asked.slice(0, 2)) expect(world.verdict(read)).toBe("ok");
    expect(world.verdict(leader.read())).toBe("ok");
  });

  test("is refused with STOPPED when the member stops, and afterwards", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const asked = leader.read();
    leader.stop();
    expect(asked.verdict).toBe("STOPPED");
    expect([leader.read().verdict, leader.read("stale").verdict]).toEqual(["STOPPED", "STOPPED"]);
  });

  test("asked from within the answer to another one is answered, too", () => {
    const world = new World();
    const leader = world.leader();
    let answers = 0;
    leader.up.read(new Uint8Array(0), "linearizable", () => {
      answers++;
      leader.up.read(new Uint8Array(0), "linearizable", () => answers++);
    });
    world.until(() => answers === 2);
  });

  test("many at once share a round of heartbeats", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    const before = world.sentBy(leader.id, "heartbeatRequest").length;
    const asked = Array.from({ length: 100 }, () => leader.read());
    for (const read of asked) expect(world.verdict(read)).toBe("ok");
    expect(world.sentBy(leader.id, "heartbeatRequest").length - before).toBeLessThanOrEqual(6);
  });
});

describe("whoever waits to read", () => {
  function waiter(told: string[], name: string) {
    return { ready: () => void told.push(name), refused: (code: string) => void told.push(`${name} ${code}`) };
  }

  test("waits for the own index, whatever the others wait for", () => {
    const waiting = new WaitingReads();
    const told: string[] = [];
    const [late, early, unknown] = ["late", "early", "unknown"].map((name) => waiting.add(100, waiter(told, name)));
    waiting.resolve({ context: late as number, index: 9, refusal: null });
    waiting.resolve({ context: early as number, index: 5, refusal: null });
    waiting.applied(4);
    expect(told).toEqual([]);
    waiting.applied(5);
    expect(told).toEqual(["early"]);
    waiting.applied(8);
    expect(told).toEqual(["early"]);
    waiting.applied(9);
    expect(told).toEqual(["early", "late"]);
    waiting.resolve({ context: unknown as number, index: null, refusal: "LEADERSHIP_LOST" });
    expect(told.at(-1)).toBe("unknown NO_LEADER");
    expect([waiting.size, waiting.deadline]).toEqual([0, Infinity]);
  });

  test("gets an answer that comes after it has given up no more", () => {
    const waiting = new WaitingReads();
    const told: string[] = [];
    const context = waiting.add(100, waiter(told, "read"));
    waiting.expire(100);
    waiting.resolve({ context, index: 1, refusal: null });
    waiting.applied(1);
    expect(told).toEqual(["read TIMED_OUT"]);
  });
});
