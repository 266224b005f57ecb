import { beforeEach, describe, expect, it } from "vitest";
import { ForwardedCommands, type ForwardTarget } from "../../src/forwarding/forwardedCommands.js";
import { Forwarder } from "../../src/forwarding/forwarder.js";
import type { ForwardedCommand, ForwardedResult, ForwardRequest } from "../../src/forwarding/forwardMessage.js";
import type { Outcome, OutcomeHandler } from "../../src/outcome.js";
import { MAX_FORWARDED_BYTES } from "../../src/wire/forwardCodec.js";

const command: ForwardedCommand = { kind: "plain", payload: Uint8Array.of(1) };
const applied = (length = 1): Outcome<ForwardedResult> => ({
  ok: true,
  value: { result: new Uint8Array(length), index: 9, term: 5, duplicate: false },
});

describe("the member that commands are passed on to", () => {
  let proposed: OutcomeHandler<ForwardedResult>[];
  let target: { -readonly [K in keyof ForwardTarget]: ForwardTarget[K] };
  let forwarded: ForwardedCommands;

  beforeEach(() => {
    proposed = [];
    target = { term: 3, leader: "a", isLeader: true, propose: (_command, done) => proposed.push(done) };
    forwarded = new ForwardedCommands("a", target);
    target.term = 5;
  });

  const request = (term: number, ...ids: readonly number[]): ForwardRequest => ({
    type: "forwardRequest",
    from: "b",
    to: "a",
    term,
    requests: ids.map((id) => ({ id, command })),
  });
  const answers = () => forwarded.takeResponses(5).flatMap(({ responses }) => responses);

  it("proposes each once and answers each once, however often the network repeats it", () => {
    forwarded.receive(request(5, 1, 2));
    forwarded.receive(request(5, 2, 1));
    forwarded.receive(request(5, 1, 3));
    expect(proposed).toHaveLength(3);
    for (const done of proposed) done(applied());
    expect(answers().map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it("gives a repeated one no refusal after it has stepped down, for the first may be under way", () => {
    forwarded.receive(request(5, 1));
    target.isLeader = false;
    forwarded.receive(request(5, 1));
    expect(answers()).toEqual([]);
  });

  it("is deaf to what was sent in the term that it began in, which may have been dealt with before", () => {
    forwarded.receive(request(3, 1));
    expect([proposed, answers()]).toEqual([[], []]);
  });

  it.each([4, 6])("refuses what was meant for the leader of another term, %i", (term) => {
    forwarded.receive(request(term, 1));
    expect(proposed).toEqual([]);
    expect(answers()).toMatchObject([{ id: 1, outcome: { ok: false, code: "NOT_LEADER", leaderHint: "a" } }]);
  });

  it("says in words that an answer is too long for any message", () => {
    forwarded.receive(request(5, 1, 2));
    proposed[0]!(applied(MAX_FORWARDED_BYTES + 1));
    proposed[1]!(applied(MAX_FORWARDED_BYTES));
    expect(answers().map(({ outcome }) => (outcome.ok ? "applied" : outcome.code))).toEqual([
      "STALE_SEQUENCE",
      "applied",
    ]);
  });
});

describe("the member that passes commands on", () => {
  let forwarder: Forwarder;
  let outcomes: (Outcome<ForwardedResult> | null)[];

  beforeEach(() => {
    forwarder = new Forwarder("b", () => 0.5);
    outcomes = [];
  });

  function add(to: string, deadline = Infinity): number {
    const at = outcomes.push(null) - 1;
    forwarder.add(to, command, deadline, (outcome) => (outcomes[at] = outcome));
    return forwarder.takeRequests(5)[0]!.requests[0]!.id;
  }

  it("knows no outcome of what it sent to one who leads no more, and waits on for the others", () => {
    add("a");
    add("c");
    forwarder.leaderChanged("c");
    expect(outcomes).toMatchObject([{ ok: false, code: "UNKNOWN_OUTCOME" }, null]);
  });

  it("takes an answer from whom it asked alone, and once", () => {
    const id = add("a");
    const answer = (from: string, outcome: Outcome<ForwardedResult>) =>
      forwarder.receive({ type: "forwardResponse", from, to: "b", term: 5, responses: [{ id, outcome }] });
    answer("c", applied(1));
    expect(outcomes).toEqual([null]);
    answer("a", applied(2));
    answer("a", applied(3));
    expect(outcomes).toEqual([applied(2)]);
    expect(forwarder.size).toBe(0);
  });

  it("knows no outcome when the time is over", () => {
    add("a", 10);
    add("a", 20);
    expect(forwarder.deadline).toBe(10);
    forwarder.expire(10, "a");
    expect(outcomes).toMatchObject([{ ok: false, code: "UNKNOWN_OUTCOME" }, null]);
  });
});
