import { describeMalformedMessage, MAX_ID_LENGTH, MAX_INDEX, MAX_TERM, type Message } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { command, noop } from "./support/scenes.js";

const NO_INDEX: readonly unknown[] = [-1, 0.5, MAX_INDEX + 1, NaN, "1", null, undefined];
const NO_TERM: readonly unknown[] = [-1, 0.5, MAX_TERM, "1", null, undefined];
const NO_COUNT: readonly unknown[] = [-1, 0.5, 2 ** 53, "1", null, undefined];
const NO_BOOLEAN: readonly unknown[] = [0, 1, "true", null, undefined];
const NO_BYTES: readonly unknown[] = ["abc", [1, 2], new Uint16Array(2), null, undefined];

const configuration = { voters: ["a", "b"], votersOutgoing: [], learners: ["c"], learnersNext: [] };
const NO_CONFIGURATION: readonly unknown[] = [
  null,
  undefined,
  {},
  { ...configuration, voters: ["b", "a"] },
  { ...configuration, voters: ["a", "a"] },
  { ...configuration, learners: ["a"] },
  { ...configuration, learnersNext: ["a"] },
];
const change = { index: 4, term: 2, kind: "configuration", data: new Uint8Array(0), configuration } as const;
const snapshot = { index: 7, term: 2, configuration, sizeBytes: 10, checksum: 3 };
const envelope = { from: "b", to: "a", term: 3 } as const;

type Of<Type extends Message["type"]> = Extract<Message, { type: Type }>;

const VOTE_REQUEST: Of<"voteRequest"> = {
  ...envelope,
  type: "voteRequest",
  preVote: true,
  leadershipTransfer: false,
  lastLogIndex: 5,
  lastLogTerm: 2,
};
const VOTE_RESPONSE: Of<"voteResponse"> = { ...envelope, type: "voteResponse", preVote: false, granted: true };
const APPEND: Of<"appendRequest"> = {
  ...envelope,
  type: "appendRequest",
  previousLogIndex: 1,
  previousLogTerm: 1,
  entries: [command(2, 1), noop(3, 2), change],
  commitIndex: 1,
};
const SNAPSHOT: Of<"snapshotRequest"> = {
  ...envelope,
  type: "snapshotRequest",
  snapshot,
  offset: 4,
  data: new Uint8Array(6),
};
const GOOD: readonly Message[] = [
  VOTE_REQUEST,
  VOTE_RESPONSE,
  APPEND,
  { ...envelope, type: "appendAccepted", matchIndex: 4 },
  { ...envelope, type: "appendRejected", rejectedIndex: 4, hintIndex: 2, hintTerm: 1 },
  { ...envelope, type: "heartbeatRequest", commitIndex: 4, round: 9, mayRest: false },
  { ...envelope, type: "heartbeatResponse", round: 9, resting: false },
  SNAPSHOT,
  { ...envelope, type: "snapshotResponse", snapshotIndex: 7, nextOffset: 10, failed: false },
  { ...envelope, type: "readIndexRequest", readId: 12 },
  { ...envelope, type: "readIndexResponse", readId: 12, index: 4 },
  { ...envelope, type: "timeoutNow" },
];
const good = (type: Message["type"]): Message => GOOD.find((message) => message.type === type)!;

/** The message with one field changed, the place of the field as `entries.0.term`. */
function withField(message: object, place: string, value: unknown): unknown {
  const [name, ...rest] = place.split(".") as [string, ...string[]];
  const copy = (Array.isArray(message) ? [...(message as unknown[])] : { ...message }) as Record<string, unknown>;
  copy[name] = rest.length === 0 ? value : withField(copy[name] as object, rest.join("."), value);
  return copy;
}

/** Type, place of the field, values that are refused, and what is said of them. */
const REFUSED: readonly (readonly [Message["type"], string, readonly unknown[], RegExp])[] = [
  ["voteRequest", "preVote", NO_BOOLEAN, /a flag/],
  ["voteRequest", "leadershipTransfer", NO_BOOLEAN, /a flag/],
  ["voteRequest", "lastLogIndex", NO_INDEX, /last entry is out of bounds/],
  ["voteRequest", "lastLogTerm", NO_TERM, /last entry is out of bounds/],
  ["voteRequest", "lastLogTerm", [4], /log is of a later term/],
  ["voteResponse", "preVote", NO_BOOLEAN, /vote is not true or false/],
  ["voteResponse", "granted", NO_BOOLEAN, /vote is not true or false/],
  ["appendRequest", "previousLogIndex", NO_INDEX, /entry before is out of bounds/],
  ["appendRequest", "previousLogTerm", NO_TERM, /entry before is out of bounds/],
  ["appendRequest", "previousLogIndex", [0], /an index or a term, not both/],
  ["appendRequest", "previousLogTerm", [0], /an index or a term, not both/],
  ["appendRequest", "commitIndex", NO_INDEX, /commit index is out of bounds/],
  ["appendRequest", "entries", [null, undefined, {}, "abc", 3], /entries are no list/],
  ["appendRequest", "entries.0", [null, undefined, 3, "entry"], /an entry is not an object/],
  ["appendRequest", "entries.0.index", [1, 3, "2", undefined], /not contiguous at 2/],
  ["appendRequest", "entries.2.index", [3, 5], /not contiguous at 4/],
  ["appendRequest", "entries.0.term", [0, ...NO_TERM], /the term of an entry falls/],
  ["appendRequest", "entries.2.term", [1], /the term of an entry falls/],
  ["appendRequest", "entries.2.term", [4], /an entry is of a later term/],
  ["appendRequest", "previousLogTerm", [2], /the term of an entry falls/],
  ["appendRequest", "entries.0.data", NO_BYTES, /data of an entry are not bytes/],
  ["appendRequest", "entries.0.kind", ["Command", undefined, 0], /unknown kind/],
  ["appendRequest", "entries.0.configuration", [configuration, undefined], /a command has a configuration/],
  ["appendRequest", "entries.1.configuration", [configuration, undefined], /a no-op has contents/],
  ["appendRequest", "entries.1.data", [new Uint8Array(1)], /a no-op has contents/],
  ["appendRequest", "entries.2.data", [new Uint8Array(1)], /a configuration entry has data/],
  ["appendRequest", "entries.2.configuration", NO_CONFIGURATION, /configuration|list of members|learner/],
  ["appendAccepted", "matchIndex", NO_INDEX, /match index is out of bounds/],
  ["appendRejected", "rejectedIndex", NO_INDEX, /hint is out of bounds/],
  ["appendRejected", "hintIndex", NO_INDEX, /hint is out of bounds/],
  ["appendRejected", "hintTerm", NO_TERM, /hint is out of bounds/],
  ["heartbeatRequest", "commitIndex", NO_INDEX, /commit index or round is out of bounds/],
  ["heartbeatRequest", "round", NO_COUNT, /commit index or round is out of bounds/],
  ["heartbeatResponse", "round", NO_COUNT, /round is out of bounds/],
  ["snapshotRequest", "snapshot", [null, undefined, 3], /snapshot is not described/],
  ["snapshotRequest", "snapshot.index", [0, ...NO_INDEX], /snapshot's index is out of bounds/],
  ["snapshotRequest", "snapshot.term", [0, ...NO_TERM], /snapshot's term is out of bounds/],
  ["snapshotRequest", "snapshot.term", [4], /snapshot is of a later term/],
  ["snapshotRequest", "snapshot.sizeBytes", NO_COUNT, /snapshot's size is out of bounds/],
  ["snapshotRequest", "snapshot.checksum", NO_COUNT, /snapshot's size is out of bounds/],
  ["snapshotRequest", "snapshot.configuration", NO_CONFIGURATION, /configuration|list of members|learner/],
  ["snapshotRequest", "offset", NO_COUNT, /chunk is out of bounds/],
  ["snapshotRequest", "data", NO_BYTES, /chunk is out of bounds/],
  ["snapshotRequest", "offset", [5], /chunk reaches beyond the snapshot/],
  ["snapshotRequest", "data", [new Uint8Array(0)], /chunk is empty/],
  ["snapshotResponse", "failed", NO_BOOLEAN, /a flag/],
  ["snapshotResponse", "snapshotIndex", NO_INDEX, /offset is out of bounds/],
  ["snapshotResponse", "nextOffset", NO_COUNT, /offset is out of bounds/],
  ["readIndexRequest", "readId", NO_COUNT, /read id is out of bounds/],
  ["readIndexResponse", "readId", NO_COUNT, /read id is out of bounds/],
  ["readIndexResponse", "index", NO_INDEX.filter((value) => value !== null), /read index is out of bounds/],
];

/** What is just within bounds. */
const TAKEN: readonly (readonly [Message["type"], string, readonly unknown[]])[] = [
  ["voteRequest", "lastLogIndex", [0, MAX_INDEX]],
  ["voteRequest", "lastLogTerm", [0, 3]],
  ["appendRequest", "entries", [[]]],
  ["appendRequest", "entries.2.term", [2, 3]],
  ["appendRequest", "commitIndex", [0, MAX_INDEX]],
  ["appendAccepted", "matchIndex", [0, MAX_INDEX]],
  ["appendRejected", "hintTerm", [0, MAX_TERM - 1]],
  ["heartbeatRequest", "round", [0, Number.MAX_SAFE_INTEGER]],
  ["heartbeatResponse", "round", [0, Number.MAX_SAFE_INTEGER]],
  ["snapshotRequest", "snapshot.index", [1, MAX_INDEX]],
  ["snapshotRequest", "snapshot.term", [1, 3]],
  ["snapshotRequest", "snapshot.checksum", [0, Number.MAX_SAFE_INTEGER]],
  ["snapshotRequest", "offset", [0, 4]],
  ["snapshotResponse", "nextOffset", [0]],
  ["readIndexResponse", "index", [null, 0, MAX_INDEX]],
];

describe("a message from outside", () => {
  test.each(GOOD.map((message) => [message.type, message] as const))("is taken as it should be: %s", (_, message) => {
    expect(describeMalformedMessage(message)).toBeNull();
  });

  test.each(REFUSED)("is refused: %s with a wrong %s", (type, place, values, reason) => {
    for (const value of values) {
      expect(describeMalformedMessage(withField(good(type), place, value)), String(value)).toMatch(reason);
    }
  });

  test.each(TAKEN)("is taken: %s with a %s at its bounds", (type, place, values) => {
    for (const value of values) {
      expect(describeMalformedMessage(withField(good(type), place, value)), String(value)).toBeNull();
    }
  });

  test("has a sender, a receiver, a term and a type that there are", () => {
    for (const nothing of [null, undefined, 3, "message", true]) {
      expect(describeMalformedMessage(nothing)).toBe("it is not an object");
    }
    const heartbeat = good("heartbeatResponse");
    for (const name of ["from", "to"]) {
      for (const id of ["", "x".repeat(MAX_ID_LENGTH + 1), 3, null, undefined]) {
        expect(describeMalformedMessage(withField(heartbeat, name, id))).toBe("its sender or receiver is no name");
      }
      expect(describeMalformedMessage(withField(heartbeat, name, "x".repeat(MAX_ID_LENGTH)))).toBeNull();
    }
    for (const term of [0, ...NO_TERM]) {
      expect(describeMalformedMessage(withField(heartbeat, "term", term))).toBe("its term is out of bounds");
    }
    for (const term of [1, MAX_TERM - 1])
      expect(describeMalformedMessage(withField(heartbeat, "term", term))).toBeNull();
    for (const type of ["vote", undefined, null, 3]) {
      expect(describeMalformedMessage(withField(heartbeat, "type", type))).toBe("its type is unknown");
    }
  });

  test("holds no entry beyond the last index that there can be", () => {
    const last = { ...APPEND, previousLogIndex: MAX_INDEX - 1, entries: [command(MAX_INDEX, 1)] };
    expect(describeMalformedMessage(last)).toBeNull();
    const beyond = { ...last, previousLogIndex: MAX_INDEX, entries: [command(MAX_INDEX + 1, 1)] };
    expect(describeMalformedMessage(beyond)).toMatch(/later term/);
  });

  test("may begin a log, and may bring an empty snapshot", () => {
    const first = { ...APPEND, previousLogIndex: 0, previousLogTerm: 0, entries: [command(1, 1)] };
    expect(describeMalformedMessage(first)).toBeNull();
    const empty = { ...SNAPSHOT, snapshot: { ...snapshot, sizeBytes: 0 }, offset: 0, data: new Uint8Array(0) };
    expect(describeMalformedMessage(empty)).toBeNull();
  });
});
