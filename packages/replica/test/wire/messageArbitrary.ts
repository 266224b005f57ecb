import type { Configuration, Entry } from "@balsa/core";
import fc from "fast-check";
import type { ForwardedCommand, ForwardedResult } from "../../src/forwarding/forwardMessage.js";
import type { GroupHeartbeat } from "../../src/host/hostMessage.js";
import type { GroupMessage, PeerMessage as Message } from "../../src/network.js";
import type { Outcome } from "../../src/outcome.js";

const number = fc.oneof(fc.maxSafeNat(), fc.nat(300));
const nodeId = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.string({ minLength: 1, maxLength: 8, unit: "binary" }),
);
const bytes = fc.uint8Array({ maxLength: 40 });
const ids = fc.array(nodeId, { maxLength: 4 });

const configuration: fc.Arbitrary<Configuration> = fc.record(
  { voters: ids, votersOutgoing: ids, learners: ids, learnersNext: ids },
  { noNullPrototype: true },
);

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record(
    {
      index: number,
      term: number,
      kind: fc.constantFrom("noop" as const, "command" as const),
      data: bytes,
      configuration: fc.constant(null),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { index: number, term: number, kind: fc.constant("configuration" as const), data: bytes, configuration },
    { noNullPrototype: true },
  ),
);

const snapshot = fc.record(
  { index: number, term: number, configuration, sizeBytes: number, checksum: number },
  { noNullPrototype: true },
);

const session = fc.record(
  { sessionId: number, sequence: number, firstOpenSequence: number },
  { noNullPrototype: true },
);

const forwardedCommand: fc.Arbitrary<ForwardedCommand> = fc.oneof(
  fc.record({ kind: fc.constant("plain" as const), payload: bytes }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("command" as const), session, payload: bytes }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("register" as const) }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("close" as const), sessionId: number }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant("address" as const), id: nodeId, address: fc.option(fc.string({ maxLength: 9 })) },
    { noNullPrototype: true },
  ),
);

const outcome: fc.Arbitrary<Outcome<ForwardedResult>> = fc.oneof(
  fc.record(
    {
      ok: fc.constant(true as const),
      value: fc.record(
        { result: bytes, index: number, term: number, duplicate: fc.boolean() },
        { noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      ok: fc.constant(false as const),
      code: fc.constantFrom("NOT_LEADER" as const, "UNKNOWN_OUTCOME" as const, "DISK_FULL" as const),
      leaderHint: fc.option(nodeId),
      message: fc.string({ maxLength: 30 }),
    },
    { noNullPrototype: true },
  ),
);

type FieldsOf<T extends Message["type"]> = {
  readonly [F in Exclude<keyof Extract<Message, { type: T }>, "type" | "from" | "to" | "term">]: fc.Arbitrary<
    Extract<Message, { type: T }>[F]
  >;
};

/** Between whom stands in the batch: see `addressed`. */
const groupHeartbeat: fc.Arbitrary<GroupHeartbeat> = fc.oneof(
  fc.tuple(number, number, number, number, fc.boolean()).map(([group, term, commitIndex, round, mayRest]) => ({
    group,
    message: { type: "heartbeatRequest" as const, from: "", to: "", term, commitIndex, round, mayRest },
  })),
  fc.tuple(number, number, number, fc.boolean()).map(([group, term, round, resting]) => ({
    group,
    message: { type: "heartbeatResponse" as const, from: "", to: "", term, round, resting },
  })),
);

function addressed(message: Message): Message {
  if (message.type !== "heartbeatBatch") return message;
  const { from, to } = message;
  const heartbeats = message.heartbeats.map(({ group, message: one }) => ({ group, message: { ...one, from, to } }));
  return { ...message, heartbeats };
}

const FIELDS: { readonly [T in Message["type"]]: FieldsOf<T> } = {
  voteRequest: {
    preVote: fc.boolean(),
    leadershipTransfer: fc.boolean(),
    lastLogIndex: number,
    lastLogTerm: number,
  },
  voteResponse: { preVote: fc.boolean(), granted: fc.boolean() },
  appendRequest: {
    previousLogIndex: number,
    previousLogTerm: number,
    entries: fc.array(entry, { maxLength: 5 }),
    commitIndex: number,
  },
  appendAccepted: { matchIndex: number },
  appendRejected: { rejectedIndex: number, hintIndex: number, hintTerm: number },
  heartbeatRequest: { commitIndex: number, round: number, mayRest: fc.boolean() },
  heartbeatResponse: { round: number, resting: fc.boolean() },
  snapshotRequest: { snapshot, offset: number, data: bytes },
  snapshotResponse: { snapshotIndex: number, nextOffset: number, failed: fc.boolean() },
  readIndexRequest: { readId: number },
  readIndexResponse: { readId: number, index: fc.option(number) },
  timeoutNow: {},
  forwardRequest: {
    requests: fc.array(fc.record({ id: number, command: forwardedCommand }, { noNullPrototype: true }), {
      maxLength: 4,
    }),
  },
  forwardResponse: {
    responses: fc.array(fc.record({ id: number, outcome }, { noNullPrototype: true }), { maxLength: 4 }),
  },
  beacon: { incarnation: number, leaving: fc.boolean() },
  heartbeatBatch: { heartbeats: fc.array(groupHeartbeat, { maxLength: 4 }) },
};

export const MESSAGE_TYPES = Object.keys(FIELDS) as Message["type"][];

/** Any message that is well-typed, whether or not it makes sense. */
export const anyGroupMessage: fc.Arbitrary<GroupMessage> = fc.record(
  {
    group: number,
    message: fc.oneof(
      ...MESSAGE_TYPES.map((type) =>
        (
          fc.record(
            { type: fc.constant(type), from: nodeId, to: nodeId, term: number, ...FIELDS[type] },
            { noNullPrototype: true },
          ) as fc.Arbitrary<Message>
        ).map(addressed),
      ),
    ),
  },
  { noNullPrototype: true },
);
