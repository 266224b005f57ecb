import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { decodeMessage, encodeMessage } from "../../src/wire/index.js";
import { anyGroupMessage } from "./messageArbitrary.js";

/**
 * The encoding of a message is unique, so bytes that decode at all are exactly the encoding of what came out. Encoding
 * checks each number and id, so this also proves that the message is well-typed.
 */
function expectMessageOrDecodeError(bytes: Uint8Array): "decoded" | "refused" {
  let decoded;
  try {
    decoded = decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (!(error.offset >= 0 && error.offset <= bytes.length)) throw error;
    return "refused";
  }
  const again = encodeMessage(decoded, bytes[0]);
  // Compared by hand, for there are very many of them and the matcher is slow.
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) expect(again).toEqual(bytes);
  return "decoded";
}

describe("bytes from a hostile network", () => {
  it("decode to a message or are refused, when they are random", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expectMessageOrDecodeError(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("decode to a message or are refused, when only version and type are right", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 2 }),
        fc.uint8Array({ maxLength: 100 }),
        (tag, version, rest) => {
          expectMessageOrDecodeError(Uint8Array.of(version, tag, 1, 1, 97, 1, 98, 1, ...rest));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("are refused wherever a message is cut off", () => {
    fc.assert(
      fc.property(anyGroupMessage, (message) => {
        const bytes = encodeMessage(message);
        for (let length = 0; length < bytes.length; length++) {
          expect(expectMessageOrDecodeError(bytes.slice(0, length))).toBe("refused");
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are refused when something follows the message", () => {
    fc.assert(
      fc.property(anyGroupMessage, fc.uint8Array({ minLength: 1, maxLength: 10 }), (message, more) => {
        const bytes = Uint8Array.of(...encodeMessage(message), ...more);
        expect(expectMessageOrDecodeError(bytes)).toBe("refused");
      }),
      { numRuns: 300 },
    );
  });

  it("decode to a message or are refused, whichever single byte is changed to whatever", () => {
    const outcomes = { decoded: 0, refused: 0 };
    fc.assert(
      fc.property(anyGroupMessage, (message) => {
        const bytes = encodeMessage(message);
        for (let at = 0; at < bytes.length; at++) {
          const right = bytes[at] as number;
          for (let flip = 1; flip < 256; flip++) {
            bytes[at] = right ^ flip;
            outcomes[expectMessageOrDecodeError(bytes.slice())]++;
          }
          bytes[at] = right;
        }
      }),
      { numRuns: 12 },
    );
    expect(outcomes.decoded).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});
