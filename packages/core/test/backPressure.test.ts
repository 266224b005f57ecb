import { ENTRY_OVERHEAD_BYTES } from "@balsa/core";
import { expect, test } from "vitest";
import { acknowledge, elect, followerWith, freshLeader, leader } from "./support/scenes.js";
import { member } from "./support/member.js";

const COMMAND_BYTES = ENTRY_OVERHEAD_BYTES + 10;
const TEN = "0123456789";

test("proposals beyond the limit are refused until something is committed", () => {
  const a = leader({ options: { maxUncommittedBytes: 3 * COMMAND_BYTES } });
  expect(a.propose(TEN, TEN, TEN)).toEqual({ ok: true, term: 2, firstIndex: 3, lastIndex: 5 });
  expect(a.propose("")).toEqual({ ok: false, code: "OVERLOADED", leaderHint: "a" });
  expect(a.raft.lastLogIndex).toBe(5);
  acknowledge(a, ["b"], 4);
  expect(a.raft.status().uncommittedBytes).toBe(COMMAND_BYTES);
  expect(a.propose(TEN, TEN).ok).toBe(true);
  acknowledge(a, ["b"]);
  expect(a.raft.status().uncommittedBytes).toBe(0);
});

test("a batch is taken whole or not at all", () => {
  const a = leader({ options: { maxUncommittedBytes: 3 * COMMAND_BYTES } });
  a.propose(TEN);
  expect(a.propose(TEN, TEN, TEN)).toMatchObject({ ok: false, code: "OVERLOADED" });
  expect(a.raft.lastLogIndex).toBe(3);
});

test("a batch larger than the limit passes alone, or it never could", () => {
  const a = leader({ options: { maxUncommittedBytes: 10 } });
  expect(a.propose(TEN, TEN).ok).toBe(true);
  expect(a.propose("").ok).toBe(false);
});

test("entries of earlier terms are not counted", () => {
  const a = elect(
    followerWith([{ index: 2, term: 2, kind: "command", data: new Uint8Array(1000), configuration: null }]),
  );
  expect(a.raft.status().uncommittedBytes).toBe(ENTRY_OVERHEAD_BYTES);
  acknowledge(a);
  expect(a.raft.status().uncommittedBytes).toBe(0);
});

test("a follower names the leader, if it knows one", () => {
  expect(followerWith().propose("x")).toEqual({ ok: false, code: "NOT_LEADER", leaderHint: "b" });
  expect(member().propose("x")).toEqual({ ok: false, code: "NOT_LEADER", leaderHint: null });
});

test("committed entries are handed out a bounded batch at a time", () => {
  const a = leader({ options: { maxApplyBytes: 2 * COMMAND_BYTES } });
  a.holdApply = true;
  a.propose(TEN, TEN, TEN, "x".repeat(1000), TEN);
  acknowledge(a);
  const batches: number[] = [];
  for (let i = 0; i < 10 && a.appliedIndex < 7; i += 1) {
    batches.push(a.appliedIndex);
    a.finishApply();
  }
  expect(batches).toEqual([4, 5, 6]);
  expect(a.raft.appliedIndex).toBe(6);
  a.finishApply();
  expect(a.raft.appliedIndex).toBe(7);
});

test("no proposals: no entries", () => {
  const a = freshLeader();
  expect(a.propose()).toMatchObject({ ok: true });
  expect(a.raft.lastLogIndex).toBe(2);
});
