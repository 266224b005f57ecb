import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/encoding/utf8.js";

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  expect(encodeUtf8(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

test("any text comes back as it was, and well-formed text has the bytes that everybody gives it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const bytes = encode(text);
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
      if (!/\p{Surrogate}/u.test(text)) expect(Buffer.compare(bytes, Buffer.from(text, "utf8"))).toBe(0);
    }),
  );
});

test("so does a long one, wherever it is cut into parts: letters of one byte, of several, and pairs", () => {
  for (const unit of ["a", "ä", "…", "🪵", "a🪵"]) {
    for (const shift of ["", "x", "xy"]) {
      const text = shift + unit.repeat(9_000);
      const bytes = encode(text);
      expect(decodeUtf8(bytes, 0, bytes.length) === text).toBe(true);
    }
  }
});
