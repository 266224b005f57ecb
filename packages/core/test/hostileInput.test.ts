import { describeMalformedMessage, type RaftState } from "@balsa/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { garbage, mutatedMessages, typedMessages } from "./support/hostile.js";
import { member, type Member } from "./support/member.js";
import { acknowledge, append, command, commands, elect, followerWith, freshLeader, leader } from "./support/scenes.js";

const OPTIONS = {
  options: {
    logTailEntries: 1,
    snapshotChunkBytes: 2,
    maxInflightAppends: 2,
    maxAppendEntries: 2,
    leaseReads: true,
    restAfterMs: 300,
  },
};

const joint = {
  index: 3,
  term: 2,
  kind: "configuration",
  data: new Uint8Array(0),
  configuration: { voters: ["a", "b"], votersOutgoing: ["a", "b", "c"], learners: [], learnersNext: ["c"] },
} as const;

/** Members in the middle of all kinds of work. */
const victims: Readonly<Record<string, () => Member>> = {
  newcomer: () => member({ founders: null, ...OPTIONS }),
  follower: () => followerWith([...commands(2, 2), joint, ...commands(4, 2, 3, 3)], OPTIONS),
  compactedFollower: () => {
    const a = followerWith(commands(2, 2, 2, 2, 3), OPTIONS);
    a.receive("b", append({ previousLogIndex: 4, previousLogTerm: 2, commitIndex: 4 }));
    a.takeSnapshot();
    return a;
  },
  followerTakingASnapshot: () => {
    const a = followerWith(commands(2, 2), OPTIONS);
    const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
    const snapshot = { index: 6, term: 2, configuration, sizeBytes: 6, checksum: 0 };
    a.receive("b", { type: "snapshotRequest", snapshot, offset: 0, data: new Uint8Array(3) });
    a.read(1);
    return a;
  },
  preCandidate: () => {
    const a = followerWith(commands(2, 2, 2), OPTIONS);
    a.wakeAtDeadline();
    return a;
  },
  candidate: () => {
    const a = followerWith([...commands(2, 2), joint], { options: { preVote: false } });
    a.wakeAtDeadline();
    return a;
  },
  freshLeader: () => freshLeader(OPTIONS),
  busyLeader: () => {
    const a = leader(OPTIONS);
    a.propose("1", "2", "3");
    acknowledge(a, ["c"]);
    a.takeSnapshot();
    a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 0, hintTerm: 0 });
    a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 0, hintTerm: 0 });
    a.reconfigure({ type: "addLearner", id: "d" });
    a.propose("4", "5");
    a.read(1);
    return a;
  },
  transferringLeader: () => {
    const a = elect(followerWith([command(2, 2)], OPTIONS));
    acknowledge(a);
    a.propose("x");
    a.transfer("b");
    a.read(1);
    return a;
  },
};

/** What a refused message may not change: everything but the time and the event that tells of it. */
function untouchable(state: RaftState): unknown {
  return { ...state, now: 0, pending: { ...state.pending, events: [] } };
}

function attack(victim: Member, message: unknown): void {
  const before = victim.raft.save();
  const refused = victim.raft.receive(victim.now, message);
  if (refused !== null) {
    const after = victim.raft.save();
    expect(untouchable(after)).toEqual(untouchable(before));
    expect(after.pending.events).toHaveLength(before.pending.events.length + 1);
    expect(after.pending.events.at(-1)).toMatchObject({ type: "messageRefused", reason: refused });
  }
  victim.pump();
  // What came in whole is taken where its sender can have been right: a leader has all that is committed.
  for (const snapshot of victim.completeSnapshots.splice(0)) {
    if (victim.raft.role === "leader" || !victim.raft.snapshotInstalled(victim.now, snapshot)) continue;
    victim.appliedIndex = snapshot.index;
    victim.durable.takeSnapshot(snapshot);
  }
  victim.pump();
}

/** After all that it still works: time may pass, and it can be asked. */
function livesOn(victim: Member): void {
  victim.elapse(1_000);
  victim.read(99, "lease");
  victim.propose("later");
  expect(victim.raft.status().id).toBe("a");
}

function attackWith(messages: fc.Arbitrary<unknown>, makeVictim: () => Member, numRuns: number): void {
  const step = fc.tuple(messages, fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const victim = makeVictim();
      victim.holdSnapshotInstalls = true;
      for (const [message, milliseconds] of steps) {
        attack(victim, message);
        victim.elapse(milliseconds);
      }
      livesOn(victim);
    }),
    { numRuns },
  );
}

describe.each(Object.entries(victims))("a %s", (_, makeVictim) => {
  test("throws at no well-typed message and keeps its state in order; what it refuses leaves no trace", () => {
    attackWith(typedMessages, makeVictim, 60);
  });

  test("nor at an ill-typed one, nor at garbage", () => {
    attackWith(fc.oneof(mutatedMessages, garbage), makeVictim, 30);
  });
});

describe("a message is refused", () => {
  const a = followerWith(commands(2, 2));
  const envelope = { from: "b", to: "a", term: 2 };
  const heartbeat = { ...envelope, type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false };

  test.each<[string, unknown, string]>([
    ["that is nothing", null, "object"],
    ["that is a text", "hello", "object"],
    ["without a sender", { ...heartbeat, from: "" }, "name"],
    ["whose sender is an object that can't be a text", JSON.parse('{"from":{"toString":1},"to":"a"}'), "name"],
    ["whose sender has an endless name", { ...heartbeat, from: "x".repeat(1_000) }, "name"],
    ["without a term", { ...heartbeat, term: 0 }, "term"],
    ["whose term is out of all proportion", { ...heartbeat, term: 2 ** 48 }, "proportion"],
    ["for somebody else", { ...heartbeat, to: "c" }, "for c"],
    ["from the member itself", { ...heartbeat, from: "a" }, "this very member"],
    ["of no known type", { ...heartbeat, type: "gossip" }, "type"],
    ["from a second leader of the term", { ...heartbeat, from: "c" }, "the cluster is broken"],
    ["with a round that is no number", { ...heartbeat, round: "1" }, "round"],
    ["with a vote that is no boolean", { ...envelope, type: "voteResponse", preVote: 0, granted: 1 }, "true or false"],
    [
      "that asks for a vote with a log from the future",
      { ...envelope, type: "voteRequest", preVote: false, leadershipTransfer: false, lastLogIndex: 1, lastLogTerm: 3 },
      "later term",
    ],
    [
      "with a gap between its entries",
      { ...envelope, ...append({ entries: [command(2, 2), command(4, 2)] }) },
      "contiguous",
    ],
    [
      "with entries that don't follow the one before",
      { ...envelope, ...append({ entries: [command(3, 2)] }) },
      "contiguous",
    ],
    ["with an index before and no term", { ...envelope, ...append({ previousLogTerm: 0 }) }, "not both"],
    ["with a term before and no index", { ...envelope, ...append({ previousLogIndex: 0 }) }, "not both"],
    ["with terms that fall", { ...envelope, ...append({ entries: [command(2, 2), command(3, 1)] }) }, "falls"],
    [
      "with an entry of a later term than its own",
      { ...envelope, ...append({ entries: [command(2, 3)] }) },
      "later term",
    ],
    [
      "with a command that is no bytes",
      { ...envelope, ...append({ entries: [{ ...command(2, 2), data: "x" as never }] }) },
      "bytes",
    ],
    [
      "with a no-op that has contents",
      { ...envelope, ...append({ entries: [{ ...command(2, 2), kind: "noop" }] }) },
      "contents",
    ],
    [
      "with an invalid configuration",
      {
        ...envelope,
        ...append({ entries: [{ ...joint, index: 2, configuration: { ...joint.configuration, voters: ["b", "a"] } }] }),
      },
      "sorted",
    ],
    [
      "with a snapshot's chunk beyond its end",
      {
        ...envelope,
        type: "snapshotRequest",
        snapshot: { index: 9, term: 2, configuration: joint.configuration, sizeBytes: 2, checksum: 0 },
        offset: 1,
        data: new Uint8Array(2),
      },
      "beyond",
    ],
    [
      "with an empty chunk",
      {
        ...envelope,
        type: "snapshotRequest",
        snapshot: { index: 9, term: 2, configuration: joint.configuration, sizeBytes: 2, checksum: 0 },
        offset: 1,
        data: new Uint8Array(0),
      },
      "empty",
    ],
  ])("%s", (_, message, reason) => {
    const before = untouchable(a.raft.save());
    expect(a.raft.receive(a.now, message)).toContain(reason);
    a.pump();
    expect(untouchable(a.raft.save())).toEqual(before);
    expect(a.events.at(-1)).toMatchObject({ type: "messageRefused" });
  });

  test("by a leader, when it speaks of what the leader never sent", () => {
    const b = leader();
    expect(b.receive("c", { type: "appendAccepted", matchIndex: 3 })).toContain("ends at 2");
    expect(b.receive("c", { type: "appendRejected", rejectedIndex: 4, hintIndex: 0, hintTerm: 0 })).toContain(
      "ends at 2",
    );
    expect(b.receive("c", { type: "heartbeatResponse", round: 99, resting: false })).toContain("round 99");
    expect(b.receive("c", { type: "heartbeatRequest", commitIndex: 0, round: 1, mayRest: false })).toContain(
      "cluster is broken",
    );
  });

  test("and everything a member says itself is well-formed", () => {
    const b = leader();
    b.propose("x");
    b.reconfigure({ type: "addLearner", id: "d" });
    b.elapse(100);
    for (const message of b.take()) expect(describeMalformedMessage(message)).toBeNull();
  });
});

test("a message can't bring a member to a term from which it can't go on", () => {
  const a = member({ options: { preVote: false } });
  for (const term of [2 ** 32, 2 ** 48 - 1, 2 ** 52 - 1, 2 ** 53 - 1]) {
    a.receive("b", { type: "timeoutNow", term });
  }
  for (let i = 0; i < 5; i += 1) a.wakeAtDeadline();
  expect(a.raft.role).toBe("candidate");
});
