import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "@balsa/core";
import type { TestNode } from "./support/testNode.js";
import { World } from "./support/world.js";

describe("a member with nothing to do does nothing", () => {
  test("one that waits to be added has no timer and says nothing", () => {
    const world = new World({ founders: [], open: [] });
    world.add("d", null);
    world.open("d");
    expect(world.schedule.nextAt).toBe(Infinity);
  });

  test("a follower of an idle leader answers heartbeats, and neither writes nor wakes in between", () => {
    const world = new World({ open: ["a"] });
    const node = world.node("a");
    world.run(10);
    const heartbeat: Message = {
      type: "heartbeatRequest",
      from: "b",
      to: "a",
      term: 1,
      commitIndex: 0,
      round: 1,
      mayRest: false,
    };
    node.deliver(heartbeat);
    world.run(10);
    const before = {
      operations: node.disk.trace.length,
      sent: world.sent.length,
      fired: node.timersFired,
      set: node.timersSet,
    };
    for (let round = 2; round <= 41; round++) {
      node.deliver({ ...heartbeat, round });
      world.run(75);
    }
    expect(node.disk.trace).toHaveLength(before.operations);
    expect(world.sent.length - before.sent).toBe(40);
    expect(node.timersFired - before.fired).toBeLessThanOrEqual(11);
    expect(node.timersSet - before.set).toBeLessThanOrEqual(11);
  });

  test("an idle group writes nothing, and sends heartbeats only", () => {
    const world = new World();
    world.fill(2);
    world.settle();
    world.run(200);
    const operations = [...world.nodes.values()].map(({ disk }) => disk.trace.length);
    const sent = world.sent.length;
    world.run(5_000);
    expect([...world.nodes.values()].map(({ disk }) => disk.trace.length)).toEqual(operations);
    expect(new Set(world.sent.slice(sent).map(({ message }) => message.type))).toEqual(
      new Set(["heartbeatRequest", "heartbeatResponse"]),
    );
  });
});

describe("what comes from the network", () => {
  test("of another group is ignored", () => {
    const world = new World({ open: ["a"] });
    const node = world.node("a");
    world.run(10);
    const request: Message = {
      type: "voteRequest",
      from: "b",
      to: "a",
      term: 5,
      preVote: false,
      leadershipTransfer: true,
      lastLogIndex: 9,
      lastLogTerm: 4,
    };
    node.deliver(request, 2);
    world.run(10);
    expect([node.up.raft.term, world.sent]).toEqual([1, []]);
    node.deliver(request, 1);
    world.run(10);
    expect(node.up.raft.term).toBe(5);
  });

  const number = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constantFrom(2 ** 32, 2 ** 53, 0.5, Number.NaN));
  const id = fc.constantFrom("a", "b", "c", "z", "");
  const metadata = fc.record({
    index: number,
    term: number,
    configuration: fc.record({
      voters: fc.array(id, { maxLength: 4 }),
      votersOutgoing: fc.array(id, { maxLength: 2 }),
      learners: fc.array(id, { maxLength: 2 }),
      learnersNext: fc.array(id, { maxLength: 2 }),
    }),
    sizeBytes: number,
    checksum: number,
  });
  const entry = fc.record({
    index: number,
    term: number,
    kind: fc.constantFrom("noop", "command", "configuration", "other"),
    data: fc.uint8Array({ maxLength: 8 }),
    configuration: fc.constant(null),
  });
  const hostile = fc.oneof(
    fc.anything(),
    fc.record(
      {
        type: fc.constantFrom(
          ...["voteRequest", "voteResponse", "appendRequest", "appendAccepted", "appendRejected", "heartbeatRequest"],
          ...["heartbeatResponse", "snapshotRequest", "snapshotResponse", "readIndexRequest", "readIndexResponse"],
          "timeoutNow",
        ),
        from: fc.constantFrom("b", "c", "z"),
        to: fc.constantFrom("a", "a", "a", "b"),
        term: number,
        preVote: fc.boolean(),
        granted: fc.boolean(),
        leadershipTransfer: fc.boolean(),
        lastLogIndex: number,
        lastLogTerm: number,
        previousLogIndex: number,
        previousLogTerm: number,
        entries: fc.array(entry, { maxLength: 3 }),
        commitIndex: number,
        matchIndex: number,
        rejectedIndex: number,
        hintIndex: number,
        hintTerm: number,
        round: number,
        snapshot: metadata,
        snapshotIndex: number,
        offset: number,
        data: fc.uint8Array({ maxLength: 8 }),
        nextOffset: number,
        failed: fc.boolean(),
        readId: number,
        index: fc.option(number),
      },
      { noNullPrototype: true },
    ),
  );

  test.each(["a follower", "a leader"])("and is hostile does not stop %s", (role) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 30 }), (messages) => {
        const world = new World({ founders: role === "a leader" ? ["a"] : ["a", "b", "c"], open: ["a"] });
        const node: TestNode = world.node("a");
        if (role === "a leader") world.fill(3);
        for (const message of messages) {
          node.deliver(message as Message);
          world.run(1);
        }
        world.run(10);
        expect(node.stopReason).toBeNull();
        expect(node.isUp).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
