import type { Entry, Message } from "@balsa/core";
import fc from "fast-check";

const LIKELY_IDS = ["a", "b", "c", "d", "z"];

const ids = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...LIKELY_IDS) }, fc.string());
const terms = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 31, 2 ** 40, 2 ** 48, 2 ** 52, 2 ** 53) },
);
const numbers = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1, 2 ** 53) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, Number.NaN, Infinity) },
);
const lists = fc.subarray(["a", "b", "c", "d", "e"]);
const configurations = fc.record({ voters: lists, votersOutgoing: lists, learners: lists, learnersNext: lists });
const plausible = fc
  .tuple(fc.subarray(["a", "b", "c"], { minLength: 1 }), fc.subarray(["d", "e"]))
  .map(([voters, learners]) => ({ voters, votersOutgoing: [], learners, learnersNext: [] }));
const data = fc.uint8Array({ maxLength: 3 });

/** Entries that follow each other from `first` on, as most must do to be looked at at all. */
function entriesFrom(first: number, term: number): fc.Arbitrary<Entry[]> {
  const raise = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) });
  const kinds = fc.constantFrom("command", "command", "noop", "configuration");
  const one = fc.record({ raise, kind: kinds, data, configuration: fc.oneof(plausible, configurations) });
  return fc.array(one, { maxLength: 6 }).map((list) => {
    let at = term;
    return list.map((item, i) => {
      at += item.raise;
      const isCommand = item.kind === "command";
      const kind = item.kind;
      const configuration = kind === "configuration" ? item.configuration : null;
      return { index: first + i, term: at, kind, data: isCommand ? item.data : new Uint8Array(0), configuration };
    });
  });
}

const appendRequests = fc
  .record({ previousLogIndex: numbers, previousLogTerm: fc.nat({ max: 4 }), commitIndex: numbers })
  .chain((fields) =>
    entriesFrom(fields.previousLogIndex + 1, Math.max(1, fields.previousLogTerm)).map((entries) => ({
      ...fields,
      entries,
    })),
  );

const snapshots = fc.record({
  index: numbers,
  term: terms,
  configuration: fc.oneof(plausible, configurations),
  sizeBytes: fc.constantFrom(0, 3, 4, 6),
  checksum: fc.nat({ max: 1 }),
});

const bodies: {
  [T in Message["type"]]: fc.Arbitrary<Omit<Extract<Message, { type: T }>, "type" | "from" | "to" | "term">>;
} = {
  voteRequest: fc.record({
    preVote: fc.boolean(),
    leadershipTransfer: fc.boolean(),
    lastLogIndex: numbers,
    lastLogTerm: fc.nat({ max: 6 }),
  }),
  voteResponse: fc.record({ preVote: fc.boolean(), granted: fc.boolean() }),
  appendRequest: appendRequests,
  appendAccepted: fc.record({ matchIndex: numbers }),
  appendRejected: fc.record({ rejectedIndex: numbers, hintIndex: numbers, hintTerm: fc.nat({ max: 6 }) }),
  heartbeatRequest: fc.record({ commitIndex: numbers, round: numbers, mayRest: fc.boolean() }),
  heartbeatResponse: fc.record({ round: numbers, resting: fc.boolean() }),
  snapshotRequest: fc.record({ snapshot: snapshots, offset: fc.constantFrom(0, 0, 3, 6), data }),
  snapshotResponse: fc.record({ snapshotIndex: numbers, nextOffset: numbers, failed: fc.boolean() }),
  readIndexRequest: fc.record({ readId: numbers }),
  readIndexResponse: fc.record({ readId: numbers, index: fc.option(numbers) }),
  timeoutNow: fc.constant({}),
};

/** Messages of every type whose fields are mostly small and sometimes at or beyond the edge. */
export const typedMessages: fc.Arbitrary<object> = fc.oneof(
  ...Object.entries(bodies).map(([type, body]) =>
    fc
      .record({
        from: ids,
        to: fc.oneof({ weight: 19, arbitrary: fc.constant("a") }, ids),
        term: terms,
        body: body as fc.Arbitrary<object>,
      })
      .map(({ body: fields, ...envelope }) => ({ type, ...envelope, ...fields })),
  ),
);

const nonsense = fc.anything({
  withNullPrototype: true,
  withBigInt: true,
  withTypedArray: true,
  withSparseArray: true,
});

/** Messages of which one field, or one field of a field, is something else altogether. */
export const mutatedMessages: fc.Arbitrary<object> = fc
  .tuple(typedMessages, fc.nat(), fc.nat(), nonsense)
  .map(([message, which, inner, value]) => {
    const names = Object.keys(message);
    const name = names[which % names.length] as string;
    const field = (message as Record<string, unknown>)[name];
    if (typeof field !== "object" || field === null || inner % 3 === 0) return { ...message, [name]: value };
    const innerNames = Object.keys(field);
    const copy: Record<string, unknown> = { ...(field as Record<string, unknown>) };
    copy[innerNames[inner % Math.max(1, innerNames.length)] ?? "0"] = value;
    return { ...message, [name]: Array.isArray(field) ? Object.values(copy) : copy };
  });

export const garbage: fc.Arbitrary<unknown> = nonsense;
