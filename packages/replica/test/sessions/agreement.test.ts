import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeKeyValueCommand, KeyValueMachine, type KeyValueCommand } from "../../src/machines/index.js";
import { encodeEnvelope, SessionedMachine, type AppliedResult } from "../../src/sessions/index.js";
import { readOut, restoreFrom } from "../machines/readOut.js";
import type { LogEntry } from "./world.js";

/** Small, so that random logs reach each of them. */
const OPTIONS = { sessionTimeoutMs: 80, maxSessions: 3, maxCachedResults: 3, maxCachedResultBytes: 24 };

const keyValueCommand: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  fc.record({ type: fc.constant("append" as const), key: fc.constant("k"), value: fc.string({ maxLength: 5 }) }),
  fc.record({ type: fc.constant("put" as const), key: fc.constant("k"), value: fc.string({ maxLength: 12 }) }),
  fc.record({ type: fc.constant("get" as const), key: fc.constant("k") }),
);

/** `who` picks a session of those registered so far; `ahead` and `open` are relative to what it sent last. */
const step = fc.record({
  elapsedMs: fc.oneof({ weight: 30, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(90) }),
  what: fc.oneof(
    { weight: 20, arbitrary: fc.constant("command" as const) },
    { weight: 2, arbitrary: fc.constantFrom("register" as const, "plain" as const) },
    { weight: 1, arbitrary: fc.constantFrom("close" as const, "malformed" as const) },
  ),
  who: fc.oneof({ weight: 4, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(4) }),
  ahead: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 3, arbitrary: fc.integer({ min: -4, max: 3 }) }),
  open: fc.nat(4),
  command: keyValueCommand,
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function logOf(steps: readonly Step[]): LogEntry[] {
  const sessions: { id: number; last: number }[] = [];
  let clusterTimeMs = 0;
  return steps.map(({ elapsedMs, what, who, ahead, open, command }, i) => {
    const index = i + 1;
    clusterTimeMs += elapsedMs;
    const payload = encodeKeyValueCommand(command);
    const session = sessions[sessions.length - 1 - who] ?? sessions.at(-1) ?? { id: 1_000, last: 0 };
    if (what === "malformed") return { index, data: payload };
    if (what === "plain") return { index, data: encodeEnvelope({ kind: "plain", clusterTimeMs, payload }) };
    if (what === "close") {
      sessions.splice(sessions.indexOf(session), 1);
      return { index, data: encodeEnvelope({ kind: "close", clusterTimeMs, sessionId: session.id }) };
    }
    if (what === "register" || sessions.length === 0) {
      sessions.push({ id: index, last: 0 });
      return { index, data: encodeEnvelope({ kind: "register", clusterTimeMs }) };
    }
    const sequence = Math.max(1, session.last + ahead);
    if (sequence === session.last + 1) session.last = sequence;
    const numbers = { sessionId: session.id, sequence, firstOpenSequence: Math.max(1, sequence - open) };
    return { index, data: encodeEnvelope({ kind: "command", clusterTimeMs, session: numbers, payload }) };
  });
}

const log = fc.array(step, { minLength: 1, maxLength: 80, size: "max" }).map(logOf);

interface End {
  readonly results: readonly AppliedResult[];
  readonly expired: readonly number[];
  readonly bytes: Uint8Array;
}

/** Applies the log in batches of the given sizes, over and over; after a batch of a size below 0 it restores a snapshot. */
function replay(entries: readonly LogEntry[], batchSizes: readonly number[]): End {
  let machine = new SessionedMachine(new KeyValueMachine(), OPTIONS);
  const results: AppliedResult[] = [];
  const expired: number[] = [];
  let at = 0;
  for (let turn = 0; at < entries.length; turn++) {
    const size = batchSizes[turn % batchSizes.length] ?? 1;
    results.push(...machine.apply(entries.slice(at, at + Math.abs(size))));
    expired.push(...machine.takeExpiredSessions());
    at += Math.abs(size);
    if (size < 0) {
      const bytes = readOut(machine.snapshot(), 7);
      machine = new SessionedMachine(new KeyValueMachine(), OPTIONS);
      restoreFrom(machine, bytes, -size);
    }
  }
  return { results, expired, bytes: readOut(machine.snapshot()) };
}

const batchSize = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -20, max: -1 }));

describe("replicas that apply the same log", () => {
  it("agree in every answer, every expiry and every byte, however they batch it and wherever they restore", () => {
    const seen = new Map<string, number>();
    const see = (what: string, times = 1) => seen.set(what, (seen.get(what) ?? 0) + times);
    fc.assert(
      fc.property(log, fc.array(batchSize, { minLength: 1, maxLength: 6 }), (entries, batchSizes) => {
        const oneByOne = replay(entries, [1]);
        for (const result of oneByOne.results) see(result.status === "refused" ? result.code : result.status);
        see("expired", oneByOne.expired.length);
        expect(replay(entries, [entries.length])).toEqual(oneByOne);
        expect(replay(entries, batchSizes)).toEqual(oneByOne);
      }),
      { numRuns: 300 },
    );
    // The property says little unless the logs get this far, many times.
    const refusals = ["SESSION_EXPIRED", "STALE_SEQUENCE", "OUT_OF_ORDER", "MALFORMED"];
    for (const what of ["applied", "duplicate", "registered", "closed", "expired", ...refusals]) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(50);
    }
  });
});
