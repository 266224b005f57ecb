import { Raft } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { acknowledge, append, commands, followerWith, leader } from "./support/scenes.js";
import { member } from "./support/member.js";

describe("what a member asks to be made durable", () => {
  test("counts up by one, and each entry comes once", () => {
    const a = leader();
    a.propose("x");
    a.propose("y", "z");
    expect(a.persists.map(({ position }) => position)).toEqual(a.persists.map((_, i) => i + 1));
    expect(a.persists.flatMap(({ entries }) => entries.map(({ index }) => index))).toEqual([1, 2, 3, 4, 5]);
  });

  test("gathers all inputs since the last take into one batch", () => {
    const a = followerWith();
    a.raft.receive(a.now, { ...append({ entries: commands(2, 2) }), from: "b", to: "a", term: 2 });
    a.raft.receive(a.now, { ...append({ entries: commands(2, 2, 2) }), from: "b", to: "a", term: 2 });
    const effects = a.raft.takeEffects();
    expect(effects?.persist?.entries.map(({ index }) => index)).toEqual([2, 3]);
    expect(effects?.sendAfterPersist).toHaveLength(2);
    expect(effects?.sendAfterPosition).toBe(effects?.persist?.position);
    expect(a.raft.takeEffects()).toBeNull();
  });

  test("puts term and vote in one piece, and names both every time", () => {
    const a = member();
    a.receive("b", {
      type: "voteRequest",
      preVote: false,
      leadershipTransfer: false,
      lastLogIndex: 1,
      lastLogTerm: 1,
      term: 4,
    });
    expect(a.persists.at(-1)?.hardState).toEqual({ term: 4, vote: "b" });
    a.elapse(300);
    a.receive("b", append({ entries: commands(2, 4) }));
    expect(a.persists.at(-1)?.hardState).toEqual({ term: 4, vote: "b" });
  });

  test("holds the cut and what follows it", () => {
    const a = followerWith(commands(2, 2, 2, 2));
    a.holdDisk = true;
    a.receive("c", { ...append({ previousLogIndex: 2, previousLogTerm: 2, entries: commands(3, 5) }), term: 5 });
    expect(a.persists.at(-1)).toMatchObject({ truncateFrom: 3, entries: [{ index: 3, term: 5 }] });
    a.sync();
    expect(a.durable.entries.map(({ term }) => term)).toEqual([1, 2, 5]);
  });

  test("cuts no further than the disk has heard of", () => {
    const a = followerWith();
    a.raft.receive(a.now, { ...append({ entries: commands(2, 2, 2) }), from: "b", to: "a", term: 2 });
    a.raft.receive(a.now, { ...append({ entries: commands(2, 5) }), from: "c", to: "a", term: 5 });
    a.pump();
    expect(a.persists.at(-1)).toMatchObject({ truncateFrom: 0, entries: [{ index: 2, term: 5 }] });
  });
});

describe("completions", () => {
  test("of an earlier write don't speak for what took the place of what was cut (append ABA)", () => {
    // Entries 2 and 3 of term 2 are being written; they are cut, and others of term 5 take their place.
    const a = followerWith();
    a.holdDisk = true;
    a.receive("b", append({ entries: commands(2, 2, 2) }));
    const first = a.persists.at(-1)?.position ?? 0;
    a.receive("c", { ...append({ entries: commands(2, 5, 5) }), term: 5 });
    a.sync(first);
    expect(a.raft.status().durableIndex).toBe(1);
    expect(a.takeOf("appendAccepted").filter(({ term }) => term === 5)).toEqual([]);
    a.sync();
    expect(a.raft.status().durableIndex).toBe(3);
    expect(a.takeOf("appendAccepted")).toMatchObject([{ to: "c", term: 5, matchIndex: 3 }]);
  });

  test("that come late or out of order speak for all before them", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("1");
    a.propose("2");
    a.propose("3");
    const positions = a.unsynced.map(({ position }) => position);
    acknowledge(a, ["b"]);
    a.sync(positions[1]);
    expect(a.raft.commitIndex).toBe(4);
    a.sync(positions[0]);
    expect([a.raft.commitIndex, a.raft.status().durableIndex]).toEqual([4, 4]);
    a.sync(positions[2]);
    expect([a.raft.commitIndex, a.raft.status().persistsInFlight]).toEqual([5, 0]);
  });

  test("of what was never asked for are an error of the caller", () => {
    const a = member();
    expect(() => a.raft.persisted(0, 99)).toThrow("position 99 was given out");
    expect(() => a.raft.persisted(0, 0.5)).toThrow("Broken invariant");
    expect(() => a.raft.applied(0, 5)).toThrow("handed out");
    expect(() => a.raft.wake(Number.NaN)).toThrow("milliseconds");
  });
});

describe("a crash", () => {
  test("loses what was not durable, and no index is used again in the same term", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("lost");
    const again = a.restarted({ now: a.now + 1_000 });
    expect([again.raft.lastLogIndex, again.raft.term, again.raft.role]).toEqual([2, 2, "follower"]);
    expect(again.propose("other")).toMatchObject({ ok: false, code: "NOT_LEADER" });
  });

  test("between the snapshot's file and the log leaves a member that can start", () => {
    const stored = followerWith(commands(2, 2, 2)).durable;
    const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
    const files = new Map([["9-0", new Uint8Array(0)]]);
    stored.takeSnapshot({ index: 9, term: 2, configuration, sizeBytes: 0, checksum: 0 });
    const again = member({ durable: stored, files });
    expect([again.raft.baseIndex, again.raft.lastLogIndex, again.raft.commitIndex]).toEqual([9, 9, 9]);
    expect(again.raft.configuration).toEqual(configuration);
  });

  test("between the snapshot's file and the hard state leaves a member that can start, without a vote", () => {
    const stored = followerWith(commands(2, 2, 2)).durable;
    const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
    const files = new Map([["9-0", new Uint8Array(0)]]);
    stored.takeSnapshot({ index: 9, term: 7, configuration, sizeBytes: 0, checksum: 0 });
    const again = member({ durable: stored, files });
    expect([again.raft.term, again.raft.vote]).toEqual([7, null]);
  });
});

describe("a stored state that can't be", () => {
  const nothing = { hardState: { term: 3, vote: null }, snapshot: null, baseIndex: 0, baseTerm: 0, entries: [] };
  const setup = { id: "a", random: () => 0, now: 0 };

  test.each([
    ["with a gap", { ...nothing, entries: [...commands(1, 1), ...commands(3, 1)] }, "contiguous"],
    ["with an entry of a later term than its own", { ...nothing, entries: commands(1, 9) }, "term"],
    ["that begins behind nothing", { ...nothing, baseIndex: 5, baseTerm: 1 }, "beyond the snapshot"],
    [
      "that begins beyond its snapshot",
      {
        ...nothing,
        baseIndex: 5,
        baseTerm: 1,
        snapshot: {
          index: 3,
          term: 1,
          sizeBytes: 0,
          checksum: 0,
          configuration: { voters: ["a"], votersOutgoing: [], learners: [], learnersNext: [] },
        },
      },
      "beyond the snapshot",
    ],
  ])("%s is refused loudly", (_, stored, reason) => {
    expect(() => Raft.restore(setup, stored)).toThrow(reason);
  });
});

test("a vote belongs to its term: one whose term a snapshot has overtaken is not kept", () => {
  const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
  const raft = Raft.restore(
    { id: "a", random: () => 0, now: 0 },
    {
      hardState: { term: 3, vote: "b" },
      snapshot: { index: 7, term: 5, configuration, sizeBytes: 0, checksum: 0 },
      baseIndex: 0,
      baseTerm: 0,
      entries: [],
    },
  );
  expect(raft.term).toBe(5);
  expect(raft.vote).toBeNull();
});
