import type { SnapshotMetadata } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { bytes } from "./support/bytes.js";
import { cluster } from "./support/cluster.js";
import type { Member } from "./support/member.js";
import {
  acknowledge,
  answerHeartbeats,
  append,
  commands,
  elapseInContact,
  followerWith,
  leader,
} from "./support/scenes.js";

const CONFIGURATION = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
const DATA = bytes('["one","two"]');

function metadata(fields: Partial<SnapshotMetadata> = {}): SnapshotMetadata {
  return { index: 10, term: 2, configuration: CONFIGURATION, sizeBytes: DATA.length, checksum: 1, ...fields };
}

function chunk(offset: number, end: number, snapshot = metadata()) {
  return { type: "snapshotRequest", snapshot, offset, data: DATA.slice(offset, end) } as const;
}

/** A leader whose log is compacted, so that b, which has only the first entry, must get the snapshot. */
function leaderWithSnapshot(options = {}): Member {
  const a = leader({ options: { logTailEntries: 0, snapshotChunkBytes: 4, ...options } });
  a.propose("one", "two");
  acknowledge(a, ["c"]);
  a.takeSnapshot();
  a.take();
  // b has lost what it had; it says so twice, and is believed.
  a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 1, hintTerm: 1 });
  a.receive("b", { type: "appendRejected", rejectedIndex: 2, hintIndex: 1, hintTerm: 1 });
  return a;
}

function answer(a: Member, nextOffset: number, failed = false, snapshotIndex = 4): void {
  a.receive("b", { type: "snapshotResponse", snapshotIndex, nextOffset, failed });
}

describe("compaction", () => {
  test("keeps a tail behind the snapshot for slow followers", () => {
    const a = leader({ options: { logTailEntries: 2 } });
    a.propose("1", "2", "3");
    acknowledge(a);
    const snapshot = a.takeSnapshot();
    expect(snapshot).toMatchObject({ index: 5, term: 2, configuration: CONFIGURATION });
    expect([a.raft.baseIndex, a.raft.baseTerm, a.raft.lastLogIndex]).toEqual([3, 2, 5]);
    expect(a.eventsOf("snapshotTaken")).toEqual([{ type: "snapshotTaken", index: 5 }]);
    expect([a.raft.entryAt(3), a.raft.termAt(3), a.raft.termAt(2), a.raft.termAt(6)]).toEqual([null, 2, null, null]);
  });

  test("keeps no tail when the log is to be let go of, but all that the snapshot lacks", () => {
    const a = leader({ options: { logTailEntries: 8 } });
    a.propose("1", "2");
    acknowledge(a);
    a.takeSnapshot();
    a.propose("3");
    acknowledge(a);
    expect(a.raft.baseIndex).toBe(0);
    a.raft.dropLogTail(a.now);
    expect([a.raft.baseIndex, a.raft.snapshot?.index, a.raft.lastLogIndex]).toEqual([4, 4, 5]);
  });

  test("keeps the whole log when it is shorter than the tail", () => {
    const a = leader();
    a.takeSnapshot();
    expect(a.raft.baseIndex).toBe(0);
    expect(a.raft.snapshot?.index).toBe(2);
  });

  test("keeps what came after the snapshot, though it is not even on its way to the disk yet", () => {
    const a = leader({ options: { logTailEntries: 0 } });
    a.raft.receive(a.now, { type: "heartbeatResponse", from: "b", to: "a", term: 9, round: 0, resting: false });
    a.raft.receive(a.now, {
      ...append({ previousLogIndex: 2, previousLogTerm: 2, entries: commands(3, 9), commitIndex: 3 }),
      from: "b",
      to: "a",
      term: 9,
    });
    const snapshot = metadata({ index: 2, sizeBytes: 0 });
    expect(a.raft.snapshotTaken(a.now, snapshot)).toBe(true);
    a.pump();
    expect(a.durable.entries.at(-1)).toMatchObject({ index: 3, term: 9 });
  });

  test("an older snapshot is no news", () => {
    const a = leader();
    const first = a.takeSnapshot();
    a.propose("x");
    acknowledge(a);
    a.takeSnapshot();
    expect(a.raft.snapshotTaken(a.now, first)).toBe(false);
    expect(a.raft.snapshot?.index).toBe(3);
  });

  test("only what is applied can be in a snapshot", () => {
    const a = leader();
    a.propose("x");
    expect(() => a.raft.snapshotTaken(a.now, metadata({ index: 3 }))).toThrow("applied");
    expect(() => a.raft.describeSnapshotAt(3)).toThrow("applied");
  });

  test("a snapshot names the configuration as of its index, not the one that holds", () => {
    const a = leader();
    a.reconfigure({ type: "addLearner", id: "d" });
    expect(a.raft.describeSnapshotAt(2).configuration).toEqual(CONFIGURATION);
    acknowledge(a);
    expect(a.raft.describeSnapshotAt(3).configuration.learners).toEqual(["d"]);
  });

  test("forgets configurations that no longer matter, and keeps the one that holds", () => {
    const a = leader({ options: { logTailEntries: 0 } });
    a.reconfigure({ type: "addLearner", id: "d" });
    acknowledge(a);
    a.takeSnapshot();
    expect(a.raft.save().configurations.map(({ index }) => index)).toEqual([3]);
    expect(a.raft.configuration.learners).toEqual(["d"]);
    expect(a.restarted().raft.configuration.learners).toEqual(["d"]);
  });
});

describe("a leader that sends its snapshot (§7)", () => {
  test("reads it a chunk at a time, and sends the next one when the last was taken", () => {
    const a = leaderWithSnapshot();
    const size = a.raft.snapshot?.sizeBytes ?? 0;
    const offsets: number[] = [];
    for (let offset = 0; offset < size; offset = Math.min(offset + 4, size)) {
      if (offset > 0) answer(a, offset);
      const sent = a.takeOf("snapshotRequest");
      expect(sent).toHaveLength(1);
      offsets.push(sent[0]?.offset ?? -1);
    }
    expect(offsets).toEqual([0, 4, 8, 12]);
    answer(a, size);
    expect(a.takeOf("snapshotRequest")).toEqual([]);
    expect(a.raft.status().peers[0]).toMatchObject({ state: "snapshot", snapshotOffset: 12 });
  });

  test("sends no appends meanwhile, and goes on with them behind the snapshot", () => {
    const a = leaderWithSnapshot();
    a.take();
    a.propose("three");
    expect(a.takeOf("appendRequest").map(({ to }) => to)).toEqual(["c"]);
    a.receive("b", { type: "appendAccepted", matchIndex: 4 });
    expect(a.eventsOf("snapshotSent")).toEqual([{ type: "snapshotSent", to: "b", index: 4 }]);
    expect(a.takeOf("appendRequest")).toMatchObject([{ to: "b", previousLogIndex: 4, entries: [{ index: 5 }] }]);
  });

  test("jumps to where the follower already is", () => {
    const a = leaderWithSnapshot();
    a.take();
    answer(a, 8);
    expect(a.takeOf("snapshotRequest")).toMatchObject([{ offset: 8 }]);
  });

  test("does not send a chunk twice for an answer that comes twice", () => {
    const a = leaderWithSnapshot();
    answer(a, 4);
    a.take();
    answer(a, 4);
    expect(a.takeOf("snapshotRequest")).toEqual([]);
  });

  test("begins anew after an election timeout without a word, or when the follower failed", () => {
    const a = leaderWithSnapshot();
    answer(a, 4);
    a.take();
    elapseInContact(a, 375);
    expect(a.takeOf("snapshotRequest")).toMatchObject([{ to: "b", offset: 0 }]);
    answer(a, 0, true);
    expect(a.raft.status().peers[0]?.state).toBe("probe");
    answerHeartbeats(a, ["b"]);
    expect(a.takeOf("snapshotRequest")).toMatchObject([{ to: "b", offset: 0 }]);
  });

  test("takes the newest snapshot when the one under way can't be read any more", () => {
    const a = leaderWithSnapshot();
    a.files.clear();
    a.propose("three");
    acknowledge(a, ["c"]);
    a.takeSnapshot();
    answer(a, 4);
    expect(a.raft.status().peers[0]?.state).toBe("probe");
    a.take();
    a.elapse(100);
    answerHeartbeats(a, ["b"]);
    expect(a.takeOf("snapshotRequest")).toMatchObject([{ to: "b", snapshot: { index: 5 }, offset: 0 }]);
  });

  test("is not led astray by answers about another snapshot or beyond its end", () => {
    const a = leaderWithSnapshot();
    a.take();
    answer(a, 4, false, 3);
    answer(a, 9_999);
    answer(a, 0, true, 3);
    a.receive("z", { type: "snapshotResponse", snapshotIndex: 4, nextOffset: 4, failed: false });
    expect(a.take()).toEqual([]);
    expect(a.raft.status().peers[0]?.state).toBe("snapshot");
  });

  test("drops chunks read for a transfer that has moved on", () => {
    const a = leaderWithSnapshot();
    a.holdSnapshotReads = true;
    answer(a, 4);
    answer(a, 8);
    a.take();
    for (const read of a.snapshotReads.slice(-2)) a.answerSnapshotRead(read);
    a.pump();
    expect(a.takeOf("snapshotRequest").map(({ offset }) => offset)).toEqual([8]);
    a.raft.snapshotReadFailed(a.now, "b", 77);
    a.raft.snapshotReadFailed(a.now, "z", 4);
    expect(a.raft.status().peers[0]?.state).toBe("snapshot");
  });
});

describe("a follower that gets a snapshot", () => {
  test("writes the chunks in order, answers each, and acknowledges when the whole is installed and durable", () => {
    const a = followerWith();
    a.holdDisk = true;
    a.receive("b", chunk(0, 5));
    a.receive("b", chunk(5, DATA.length));
    expect(a.snapshotWrites.map(({ offset, last }) => [offset, last])).toEqual([
      [0, false],
      [5, true],
    ]);
    expect(a.takeOf("snapshotResponse").map(({ nextOffset }) => nextOffset)).toEqual([5, DATA.length]);
    expect(a.takeOf("appendAccepted")).toEqual([]);
    a.sync();
    expect(a.takeOf("appendAccepted")).toMatchObject([{ to: "b", matchIndex: 10 }]);
    expect(a.commands).toEqual(["one", "two"]);
    expect([a.raft.baseIndex, a.raft.commitIndex, a.raft.appliedIndex]).toEqual([10, 10, 10]);
    expect(a.eventsOf("snapshotInstalled")).toEqual([{ type: "snapshotInstalled", index: 10 }]);
  });

  test("writes nothing twice and out of order, but says how far it is", () => {
    const a = followerWith();
    a.receive("b", chunk(0, 5));
    a.receive("b", chunk(0, 5));
    a.receive("b", chunk(7, 9));
    expect(a.snapshotWrites).toHaveLength(1);
    expect(a.takeOf("snapshotResponse").map(({ nextOffset }) => nextOffset)).toEqual([5, 5, 5]);
  });

  test("goes on where it stopped when another leader sends the same snapshot", () => {
    const a = followerWith();
    a.receive("b", chunk(0, 5));
    a.take();
    a.receive("c", { ...chunk(0, 4), term: 3 });
    expect(a.takeOf("snapshotResponse")).toMatchObject([{ to: "c", nextOffset: 5 }]);
    a.receive("c", { ...chunk(5, DATA.length), term: 3 });
    expect(a.commands).toEqual(["one", "two"]);
  });

  test("begins anew with one that differs, if only by its bytes", () => {
    const a = followerWith();
    a.receive("b", chunk(0, 5));
    a.take();
    a.receive("b", chunk(5, 8, metadata({ checksum: 2 })));
    expect(a.takeOf("snapshotResponse")).toMatchObject([{ nextOffset: 0 }]);
    expect(a.snapshotWrites).toHaveLength(1);
  });

  test("writes an empty snapshot once, however often it comes", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    const empty = metadata({ sizeBytes: 0 });
    a.receive("b", chunk(0, 0, empty));
    a.receive("b", chunk(0, 0, empty));
    expect(a.snapshotWrites).toMatchObject([{ offset: 0, last: true }]);
  });

  test("tells the leader when it can't take it, and takes it from the start again", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    a.receive("b", chunk(0, DATA.length));
    a.take();
    a.raft.snapshotFailed(a.now, 10);
    a.pump();
    expect(a.takeOf("snapshotResponse")).toMatchObject([{ to: "b", snapshotIndex: 10, nextOffset: 0, failed: true }]);
    a.receive("b", chunk(0, DATA.length));
    expect(a.snapshotWrites).toHaveLength(2);
    a.raft.snapshotFailed(a.now, 7);
    expect(a.raft.takeEffects()).toBeNull();
  });

  test("replaces a longer log that conflicts", () => {
    const a = followerWith(commands(2, ...new Array<number>(15).fill(2)));
    a.receive("b", { ...chunk(0, DATA.length, metadata({ term: 3 })), term: 3 });
    expect([a.raft.baseIndex, a.raft.lastLogIndex, a.durable.lastIndex]).toEqual([10, 10, 10]);
    expect(a.persists.at(-1)).toMatchObject({ keepLogAfterSnapshot: false, snapshot: { index: 10 } });
  });

  test("needs no snapshot that its log already holds: it commits up to it", () => {
    const a = followerWith(commands(2, ...new Array<number>(15).fill(2)));
    a.take();
    a.receive("b", chunk(0, 5));
    expect(a.snapshotWrites).toEqual([]);
    expect([a.raft.commitIndex, a.raft.lastLogIndex]).toEqual([10, 16]);
    expect(a.takeOf("appendAccepted")).toMatchObject([{ matchIndex: 10 }]);
  });

  test("keeps the log behind the snapshot when it came to match while the snapshot was written", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    a.receive("b", chunk(0, DATA.length));
    a.receive("b", append({ entries: commands(2, ...new Array<number>(11).fill(2)) }));
    expect(a.install(metadata())).toBe(true);
    expect([a.raft.commitIndex, a.raft.lastLogIndex, a.raft.entryAt(12)?.index]).toEqual([10, 12, 12]);
    expect(a.persists.at(-1)).toMatchObject({ keepLogAfterSnapshot: true });
    const again = a.restarted();
    expect([again.raft.lastLogIndex, again.raft.commitIndex]).toEqual([12, 10]);
  });

  test("leaves no gap on the disk when entries and the snapshot that holds them come in one batch", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    a.receive("b", chunk(0, DATA.length));
    const entries = commands(2, ...new Array<number>(11).fill(2));
    a.raft.receive(a.now, { ...append({ entries }), from: "b", to: "a", term: 2 });
    expect(a.install(metadata())).toBe(true);
    expect(a.durable.lastIndex).toBe(12);
  });

  test("has no use for one that its log has overtaken", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    a.receive("b", chunk(0, DATA.length));
    a.receive("b", append({ entries: commands(2, ...new Array<number>(11).fill(2)), commitIndex: 11 }));
    expect(a.install(metadata())).toBe(false);
    expect([a.raft.commitIndex, a.raft.lastLogIndex]).toEqual([11, 12]);
  });

  test("takes the configuration from it, and the log's own ones behind it", () => {
    const a = followerWith();
    const learners = { ...CONFIGURATION, learners: ["d"] };
    a.receive("b", chunk(0, DATA.length, metadata({ configuration: learners })));
    expect(a.raft.configuration).toEqual(learners);
    expect(a.eventsOf("configurationChanged")).toEqual([
      { type: "configurationChanged", index: 10, configuration: learners },
    ]);
    expect(a.restarted().raft.configuration).toEqual(learners);
    const later = { ...CONFIGURATION, learners: ["d", "e"] };
    const entry = { index: 11, term: 2, kind: "configuration", data: new Uint8Array(0), configuration: later } as const;
    a.receive("b", append({ previousLogIndex: 10, previousLogTerm: 2, entries: [entry] }));
    expect(a.raft.configuration).toEqual(later);
  });

  test("installs one while a candidate without harm, and reports to nobody", () => {
    const a = followerWith();
    a.holdSnapshotInstalls = true;
    a.receive("b", chunk(0, DATA.length));
    a.wakeAtDeadline();
    a.take();
    expect(a.install(metadata())).toBe(true);
    expect(a.takeOf("appendAccepted")).toEqual([]);
    expect(a.raft.commitIndex).toBe(10);
  });
});

describe("in a running cluster", () => {
  test("a fully compacted log brings a new and a wiped member up to date, also when nobody proposes", () => {
    const world = cluster({ options: { logTailEntries: 0, snapshotChunkBytes: 8 } });
    world.electLeader().propose("one", "two", "three");
    world.settle();
    for (const each of world.members.values()) each.takeSnapshot();
    const wiped = world.mustLeader().id === "a" ? "b" : "a";
    world.wipe(wiped);
    world.settle();
    expect(world.member(wiped).commands).toEqual(["one", "two", "three"]);
    world.add("d");
    world.mustLeader().reconfigure({ type: "addLearner", id: "d" });
    world.settle();
    expect(world.member("d").commands).toEqual(["one", "two", "three"]);
  });

  test("a transfer survives lost, repeated and reordered chunks, and a change of the leader", () => {
    const world = cluster({ seed: 3, options: { logTailEntries: 0, snapshotChunkBytes: 2 } });
    world.electLeader().propose("one", "two", "three", "four");
    world.settle();
    for (const each of world.members.values()) each.takeSnapshot();
    const old = world.mustLeader();
    const wiped = old.id === "a" ? "b" : "a";
    const other = ["a", "b", "c"].find((id) => id !== old.id && id !== wiped) as string;
    world.wipe(wiped);
    world.latencyMs = () => 1 + world.random.below(10);
    world.fate = () => (world.random.chance(0.1) ? "drop" : world.random.chance(0.1) ? "duplicate" : "deliver");
    world.runUntil(() => world.member(wiped).snapshotWrites.length >= 5);
    old.transfer(other);
    world.runUntil(() => world.leader?.id === other);
    world.heal();
    world.settle();
    expect(world.member(wiped).commands).toEqual(["one", "two", "three", "four"]);
    // The new leader's snapshot is the same, so it went on where the old one's stopped: each chunk was written once.
    const offsets = world.member(wiped).snapshotWrites.map(({ offset }) => offset);
    expect(new Set(offsets).size).toBe(offsets.length);
  });
});
