import { afterEach, describe, expect, test } from "vitest";
import type { Message } from "@balsa/core";
import { recoveredAfterCrash } from "./support/recovered.js";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

const isSync = (operation: string): boolean => operation === "sync";
const isLogSync = (operation: string, name: string): boolean => operation === "sync" && name.startsWith("log-");

/** `a` alone of three, with its peers' messages written by the test. */
function alone(): { world: World; node: TestNode } {
  const world = new World({ open: ["a"] });
  world.run(10);
  return { world, node: world.node("a") };
}

function voteRequest(from: string, term: number, lastLogIndex = 1, lastLogTerm = 1): Message {
  return {
    type: "voteRequest",
    from,
    to: "a",
    term,
    preVote: false,
    leadershipTransfer: true,
    lastLogIndex,
    lastLogTerm,
  };
}

function append(
  from: string,
  term: number,
  previousLogIndex: number,
  previousLogTerm: number,
  commands: string[],
): Message {
  const entries = commands.map((_command, i) => ({
    index: previousLogIndex + 1 + i,
    term,
    kind: "noop" as const,
    data: new Uint8Array(0),
    configuration: null,
  }));
  return { type: "appendRequest", from, to: "a", term, previousLogIndex, previousLogTerm, entries, commitIndex: 0 };
}

function votes(world: World): Message[] {
  return world.sentBy("a", "voteResponse").filter((message) => message.type === "voteResponse" && message.granted);
}

describe("nothing is promised before it is durable", () => {
  test("a vote leaves when its sync is done, and not before", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    node.deliver(voteRequest("b", 5));
    world.run(100);
    expect(votes(world)).toEqual([]);
    expect(recoveredAfterCrash(node.disk)?.hardState).toEqual({ term: 1, vote: null });
    node.disk.release();
    world.run(10);
    expect(votes(world)).toMatchObject([{ to: "b", term: 5 }]);
    expect(recoveredAfterCrash(node.disk)?.hardState).toEqual({ term: 5, vote: "b" });
  });

  test("an acknowledgement leaves when the entries are durable, and not before", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    node.deliver(append("b", 2, 1, 1, ["x", "y"]));
    world.run(100);
    expect(world.sentBy("a", "appendAccepted")).toEqual([]);
    node.disk.release();
    world.run(10);
    expect(world.sentBy("a", "appendAccepted")).toMatchObject([{ to: "b", term: 2, matchIndex: 3 }]);
    expect(recoveredAfterCrash(node.disk)?.entries.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  test("an acknowledgement of entries whose write is under way already waits for it, too", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    node.deliver(append("b", 2, 1, 1, ["x"]));
    world.run(10);
    node.deliver(append("b", 2, 1, 1, ["x"]));
    world.run(10);
    expect(world.sentBy("a", "appendAccepted")).toEqual([]);
    node.disk.release();
    world.run(10);
    expect(world.sentBy("a", "appendAccepted")).toHaveLength(2);
  });

  test("promises leave in the order in which they were made", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    for (let i = 0; i < 5; i++) {
      node.deliver(append("b", 2, 1 + i, i === 0 ? 1 : 2, ["x"]));
      world.run(1);
    }
    node.disk.release();
    world.run(10);
    const matches = world
      .sentBy("a", "appendAccepted")
      .map((message) => (message as { matchIndex: number }).matchIndex);
    expect(matches).toEqual([2, 3, 4, 5, 6]);
  });

  test("a refusal promises nothing, and doesn't wait for a disk that hangs", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    node.deliver(append("b", 2, 7, 2, ["x"]));
    world.run(5);
    expect(world.sentBy("a", "appendRejected")).toHaveLength(1);
  });

  test("a candidate asks for votes, and counts its own, only once that is durable", () => {
    const world = new World({ open: ["a"], raft: { preVote: false } });
    const node = world.node("a");
    world.run(10);
    node.disk.hold(isSync);
    world.until(() => node.up.raft.role === "candidate");
    world.run(10);
    expect(world.sentBy("a", "voteRequest")).toEqual([]);
    const { term } = node.up.raft;
    node.deliver({ type: "voteResponse", from: "b", to: "a", term, preVote: false, granted: true });
    expect(node.up.raft.role).toBe("candidate");
    node.disk.release();
    world.run(1);
    expect(world.sentBy("a", "voteRequest")).toHaveLength(2);
    expect(node.up.raft.role).toBe("leader");
    expect(recoveredAfterCrash(node.disk)?.hardState).toEqual({ term, vote: "a" });
  });

  test("a leader does not count itself before its own write is durable", () => {
    const world = new World({ open: ["a", "b"] });
    const leader = world.leader();
    leader.disk.hold(isLogSync);
    const asked = leader.propose("x");
    world.run(200);
    expect(asked.isAnswered).toBe(false);
    expect(world.followers()[0]?.up.raft.lastLogIndex).toBe(leader.up.raft.lastLogIndex);
    leader.disk.release();
    expect(world.verdict(asked, 20)).toBe("ok");
  });

  test("but sends the entries while its own disk writes", () => {
    const world = new World();
    const leader = world.leader();
    world.settle();
    leader.disk.hold(() => true);
    expect(world.verdict(leader.propose("x"), 20)).toBe("ok");
  });

  test("what was not synced when the power failed was never promised", () => {
    const { world, node } = alone();
    node.disk.hold(isSync);
    node.deliver(voteRequest("b", 5));
    world.run(10);
    world.restart("a");
    expect(node.up.raft.term).toBe(1);
    node.deliver(voteRequest("c", 5));
    world.run(10);
    expect(votes(world)).toMatchObject([{ to: "c", term: 5 }]);
  });
});

describe("over whole histories", () => {
  const broken: string[] = [];
  afterEach(() => expect(broken.splice(0)).toEqual([]));

  /** Looks at the disk of whoever makes a promise, at the very moment when it leaves. */
  function watch(world: World): void {
    const fate = world.fate;
    world.fate = (message) => {
      if (message.type === "voteResponse" && message.granted && !message.preVote) {
        const state = recoveredAfterCrash(world.node(message.from).disk)?.hardState;
        if (state?.term !== message.term || state.vote !== message.to) broken.push(`vote ${JSON.stringify(message)}`);
      } else if (message.type === "appendAccepted") {
        const log = recoveredAfterCrash(world.node(message.from).disk);
        const last = log === null ? 0 : log.baseIndex + log.entries.length;
        if (last < message.matchIndex) broken.push(`${message.from} has ${String(last)}: ${JSON.stringify(message)}`);
      }
      return fate(message);
    };
  }

  test.each([1, 2, 3])("whatever a member promises is on its disk at that moment (seed %i)", (seed) => {
    const world = new World({ seed });
    let delay = seed;
    for (const { disk } of world.nodes.values()) disk.latencyMs = 1 + (delay++ % 3);
    watch(world);
    for (let round = 0; round < 4; round++) {
      const leader = world.leader();
      for (let i = 0; i < 5; i++) leader.propose(`r${String(round)}-${String(i)}`);
      world.run(3 + seed);
      world.restart(leader.id);
    }
    world.leader();
    world.settle();
    const lines = [...world.nodes.values()].map(({ machine }) => machine.lines);
    expect(lines[1]).toEqual(lines[0]);
    expect(lines[2]).toEqual(lines[0]);
    expect(world.sent.filter(({ message }) => message.type === "appendAccepted").length).toBeGreaterThan(10);
  });
});
