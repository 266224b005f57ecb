import { describe, expect, test } from "vitest";
import { Raft, type Persist } from "@balsa/core";

const FOUNDERS = ["a", "b", "c"];
const CONFIGURATION = { voters: FOUNDERS, votersOutgoing: [], learners: [], learnersNext: [] };

function entry(index: number, term: number) {
  return { index, term, kind: "command" as const, data: new Uint8Array(1), configuration: null };
}

describe("a member that nothing is durable of", () => {
  test("answers no heartbeat before its first persist is: a restart would not know of the promise", () => {
    const raft = Raft.create({ id: "a", random: () => 0, now: 0 }, FOUNDERS);
    const first = raft.takeEffects()?.persist;
    raft.receive(1, {
      type: "heartbeatRequest",
      from: "b",
      to: "a",
      term: 2,
      commitIndex: 0,
      round: 1,
      mayRest: false,
    });
    const early = raft.takeEffects();
    expect(early?.send).toEqual([]);
    expect(early?.sendAfterPersist.map(({ type }) => type)).toEqual(["heartbeatResponse"]);
    raft.persisted(2, first?.position ?? 0);
    raft.receive(3, {
      type: "heartbeatRequest",
      from: "b",
      to: "a",
      term: 2,
      commitIndex: 0,
      round: 2,
      mayRest: false,
    });
    expect(raft.takeEffects()?.send.map(({ type }) => type)).toEqual(["heartbeatResponse"]);
  });

  test("adopts a term far ahead of its own, for it has none to go by", () => {
    const raft = Raft.create({ id: "d", random: () => 0, now: 0 }, null);
    const term = 2 ** 40;
    const request = { type: "heartbeatRequest", from: "b", to: "d", term, commitIndex: 0, round: 1, mayRest: false };
    expect(raft.receive(1, request)).toBeNull();
    expect(raft.term).toBe(term);
  });
});

test("a snapshot installed in one batch with a cut replaces the log on disk, and what lies behind it follows", () => {
  const raft = Raft.create({ id: "a", random: () => 0, now: 0 }, FOUNDERS);
  const take = (): Persist | null => raft.takeEffects()?.persist ?? null;
  const append = (term: number, entries: object[]): object => ({
    type: "appendRequest",
    from: term === 2 ? "b" : "c",
    to: "a",
    term,
    previousLogIndex: 1,
    previousLogTerm: 1,
    entries,
    commitIndex: 1,
  });
  take();
  raft.receive(1, append(2, [entry(2, 2), entry(3, 2)]));
  take();
  raft.receive(2, append(3, [entry(2, 3), entry(3, 3), entry(4, 3)]));
  const snapshot = { index: 3, term: 3, sizeBytes: 1, checksum: 1, configuration: CONFIGURATION };
  expect(raft.snapshotInstalled(2, snapshot)).toBe(true);
  const persist = take();
  expect(persist).toMatchObject({ snapshot, keepLogAfterSnapshot: false, truncateFrom: 0 });
  expect(persist?.entries.map(({ index }) => index)).toEqual([4]);
});
