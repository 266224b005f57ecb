import { InvariantError } from "@balsa/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/encoding/decodeError.js";
import {
  decodeEnvelope,
  encodeEnvelope,
  MAX_ENVELOPE_OVERHEAD_BYTES,
  type Envelope,
} from "../../src/sessions/index.js";

const number = fc.oneof(fc.maxSafeNat(), fc.nat(300));
const payload = fc.uint8Array({ maxLength: 20 });
const anySession = fc.tuple(number, number, number).map(([sessionId, a, b]) => ({
  sessionId,
  sequence: Math.max(a, b, 1),
  firstOpenSequence: Math.max(1, Math.min(a, b)),
}));

const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({ kind: fc.constant("plain" as const), clusterTimeMs: number, payload }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant("command" as const), clusterTimeMs: number, session: anySession, payload },
    { noNullPrototype: true },
  ),
  fc.record({ kind: fc.constant("register" as const), clusterTimeMs: number }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant("close" as const), clusterTimeMs: number, sessionId: number },
    { noNullPrototype: true },
  ),
);

describe("the envelope of an entry", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(envelope, (one) => {
        expect(decodeEnvelope(encodeEnvelope(one))).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps to its bytes, which logs on disk are full of", () => {
    const bytes = encodeEnvelope({
      kind: "command",
      clusterTimeMs: 300,
      session: { sessionId: 5, sequence: 9, firstOpenSequence: 7 },
      payload: Uint8Array.of(1, 2),
    });
    expect([...bytes]).toEqual([0x12, 0xac, 2, 5, 9, 2, 1, 2]);
  });

  it("adds no more to the payload than it says", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const bytes = encodeEnvelope({
      kind: "command",
      clusterTimeMs: most,
      session: { sessionId: most, sequence: most, firstOpenSequence: 1 },
      payload: new Uint8Array(10),
    });
    expect(bytes.length - 10).toBe(MAX_ENVELOPE_OVERHEAD_BYTES);
  });

  it("is refused or is the one encoding of what it decodes to, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.option(fc.integer({ min: 0x10, max: 0x15 })), (bytes, kind) => {
        if (kind !== null && bytes.length > 0) bytes[0] = kind;
        let decoded;
        try {
          decoded = decodeEnvelope(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(encodeEnvelope(decoded)).toEqual(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is not made of sequences that contradict each other", () => {
    for (const [sequence, firstOpenSequence] of [
      [1, 0],
      [0, 0],
      [3, 4],
    ] as const) {
      const session = { sessionId: 1, sequence, firstOpenSequence };
      const wrong: Envelope = { kind: "command", clusterTimeMs: 0, session, payload: new Uint8Array(0) };
      expect(() => encodeEnvelope(wrong)).toThrow(InvariantError);
    }
    expect(() => decodeEnvelope(Uint8Array.of(0x12, 0, 1, 3, 3))).toThrow(DecodeError);
  });
});
