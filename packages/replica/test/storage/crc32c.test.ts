import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../../src/storage/crc32c.js";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function bitwise(bytes: Uint8Array, seed: number): number {
  let crc = ~seed;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

test("gives the published values (RFC 3720, B.4)", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(ascii("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("agrees with the bit by bit definition on any range, and can be taken piece by piece", () => {
  const input = fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), fc.nat(100));
  fc.assert(
    fc.property(input, ([bytes, a, b, c]) => {
      const cuts = [a, b, c].map((cut) => Math.min(cut, bytes.length)).sort((x, y) => x - y);
      const [start, middle, end] = cuts as [number, number, number];
      const whole = bitwise(bytes.subarray(start, end), 0);
      expect(crc32c(bytes, start, end)).toBe(whole);
      expect(crc32c(bytes, middle, end, crc32c(bytes, start, middle))).toBe(whole);
    }),
    { numRuns: 500 },
  );
});
