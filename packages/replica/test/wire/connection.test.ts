import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/encoding/decodeError.js";
import {
  commonVersion,
  decodeClientRequest,
  decodeClientResponse,
  decodeHello,
  decodeWelcome,
  encodeClientRequest,
  encodeClientResponse,
  encodeHello,
  encodeWelcome,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  FrameError,
  writeFrameHeader,
  type ClientRequest,
  type ClientResponse,
  type Hello,
  type Welcome,
} from "../../src/wire/index.js";

const bytes = fc.uint8Array({ maxLength: 60 });
const text = fc.string({ maxLength: 12 });
const number = fc.oneof(fc.maxSafeNat(), fc.nat(300));
const plain = { noNullPrototype: true } as const;

function frames(payloads: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    payloads.map((payload) => {
      const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
      writeFrameHeader(frame, 0, payload);
      frame.set(payload, FRAME_HEADER_BYTES);
      return frame;
    }),
  );
}

describe("frames", () => {
  it("come out as they went in, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (payloads, cuts) => {
          const stream = frames(payloads);
          const decoder = new FrameDecoder();
          const found: Uint8Array[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const end = at + cuts[i % cuts.length]!;
            found.push(...decoder.push(stream.slice(at, end)));
            at = end;
          }
          expect(found.map((payload) => [...payload])).toEqual(payloads.map((payload) => [...payload]));
        },
      ),
    );
  });

  it("are refused when a bit of them has changed, or never end", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (payload, place, bit) => {
        const stream = frames([payload]);
        stream[place % stream.length]! ^= 1 << bit;
        const decoder = new FrameDecoder(1_000);
        try {
          expect(decoder.push(stream).map((found) => [...found])).not.toContainEqual([...payload]);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it("may not be longer than is allowed", () => {
    expect(() => new FrameDecoder(10).push(frames([new Uint8Array(11)]))).toThrow(FrameError);
    expect(new FrameDecoder(10).push(frames([new Uint8Array(10)]))).toHaveLength(1);
  });
});

const hello: fc.Arbitrary<Hello> = fc.record(
  {
    minVersion: fc.constantFrom(0, 1),
    maxVersion: fc.integer({ min: 1, max: 255 }),
    role: fc.constantFrom("peer" as const, "client" as const),
    clusterId: text,
    from: text,
    to: text,
    group: number,
    address: text,
  },
  plain,
);

const welcome: fc.Arbitrary<Welcome> = fc.oneof(
  fc.record({ accepted: fc.constant(true as const), version: fc.nat(255), nodeId: text }, plain),
  fc.record({ accepted: fc.constant(false as const), code: text, message: text }, plain),
);

const session = fc.record({ sessionId: number, sequence: number, firstOpenSequence: number }, plain);

const request: fc.Arbitrary<ClientRequest> = fc.oneof(
  fc.record({ requestId: number, type: fc.constant("register" as const) }, plain),
  fc.record(
    {
      requestId: number,
      type: fc.constant("propose" as const),
      session: fc.option(session),
      command: bytes,
      forward: fc.boolean(),
    },
    plain,
  ),
  fc.record({ requestId: number, type: fc.constant("closeSession" as const), sessionId: number }, plain),
  fc.record(
    {
      requestId: number,
      type: fc.constant("read" as const),
      consistency: fc.constantFrom("linearizable" as const, "lease" as const, "stale" as const),
      question: bytes,
    },
    plain,
  ),
  fc.record({ requestId: number, type: fc.constant("admin" as const), json: text }, plain),
  fc.record(
    {
      requestId: number,
      type: fc.constant("snapshot" as const),
      consistency: fc.constantFrom("linearizable" as const, "lease" as const, "stale" as const),
    },
    plain,
  ),
  fc.record({ requestId: number, type: fc.constant("snapshotChunk" as const), maxBytes: number }, plain),
);

const ids = fc.array(fc.string({ minLength: 1, maxLength: 9 }), { maxLength: 4 });
const description = fc.record(
  {
    index: number,
    term: number,
    configuration: fc.record({ voters: ids, votersOutgoing: ids, learners: ids, learnersNext: ids }, plain),
  },
  plain,
);

const refused = fc.record(
  {
    ok: fc.constant(false as const),
    code: fc.constantFrom("NOT_LEADER" as const, "NOT_A_VOTER" as const, "DISK_FULL" as const),
    leaderHint: fc.option(fc.string({ minLength: 1, maxLength: 9 })),
    message: text,
  },
  plain,
);

const response: fc.Arbitrary<ClientResponse> = fc.oneof(
  fc.record({ requestId: number, type: fc.constant("registered" as const), sessionId: number }, plain),
  fc.record(
    {
      requestId: number,
      type: fc.constant("applied" as const),
      applied: fc.record({ result: bytes, index: number, term: number, duplicate: fc.boolean() }, plain),
    },
    plain,
  ),
  fc.record({ requestId: number, type: fc.constant("closed" as const) }, plain),
  fc.record({ requestId: number, type: fc.constant("answer" as const), answer: bytes }, plain),
  fc.record({ requestId: number, type: fc.constant("admin" as const), json: text }, plain),
  fc.record({ requestId: number, type: fc.constant("snapshot" as const), description }, plain),
  fc.record({ requestId: number, type: fc.constant("snapshotChunk" as const), data: bytes }, plain),
  fc.record(
    {
      requestId: number,
      type: fc.constant("refused" as const),
      refusal: refused,
      leaderAddress: fc.option(fc.string({ minLength: 1, maxLength: 20 })),
    },
    plain,
  ),
);

const CODECS = [
  ["hellos", hello, encodeHello, decodeHello],
  ["welcomes", welcome, encodeWelcome, decodeWelcome],
  ["requests", request, encodeClientRequest, decodeClientRequest],
  ["responses", response, encodeClientResponse, decodeClientResponse],
] as const;

describe.each(CODECS)("%s", (_name, arbitrary, encode, decode) => {
  const encoded = (arbitrary as fc.Arbitrary<unknown>).map((value) => ({
    value,
    bytes: (encode as (v: unknown) => Uint8Array)(value),
  }));

  it("come back as they were", () => {
    fc.assert(
      fc.property(encoded, ({ value, bytes: whole }) => {
        expect(decode(whole)).toEqual(value);
      }),
    );
  });

  it("are refused wherever they are cut off, and never throw anything else when they are changed", () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes: whole }, place, change) => {
        for (let length = 0; length < whole.length; length++)
          expect(() => decode(whole.slice(0, length))).toThrow(DecodeError);
        const changed = Uint8Array.from(whole);
        changed[place % changed.length]! ^= change;
        try {
          decode(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("versions", () => {
  it("are agreed on as the newest that both speak, or there is none", () => {
    expect(commonVersion({ minVersion: 1, maxVersion: 1 })).toBe(1);
    expect(commonVersion({ minVersion: 1, maxVersion: 7 })).toBe(2);
    expect(commonVersion({ minVersion: 1, maxVersion: 7 }, 1)).toBe(1);
    expect(commonVersion({ minVersion: 2, maxVersion: 7 }, 1)).toBeNull();
    expect(commonVersion({ minVersion: 3, maxVersion: 7 })).toBeNull();
    expect(commonVersion({ minVersion: 0, maxVersion: 0 })).toBeNull();
  });

  it("can be read of a hello whose rest is of a later one", () => {
    const future = Uint8Array.of(...encodeHello({ ...SOMEBODY, minVersion: 5, maxVersion: 9 }).slice(0, 7), 1, 2, 3);
    expect(decodeHello(future)).toEqual({ minVersion: 5, maxVersion: 9 });
  });
});

const SOMEBODY: Hello = {
  minVersion: 1,
  maxVersion: 1,
  role: "peer",
  clusterId: "x",
  from: "a",
  to: "b",
  group: 1,
  address: "",
};
