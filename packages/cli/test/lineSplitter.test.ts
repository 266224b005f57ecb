import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter, MAX_LINE_BYTES } from "../src/input/lineSplitter.js";

function split(...pieces: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter();
  const take = ({ number, bytes }: { number: number; bytes: Uint8Array }): void => {
    lines.push(`${String(number)}:${new TextDecoder().decode(bytes)}`);
  };
  for (const piece of pieces) splitter.push(piece, take);
  splitter.end(take);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("lines", () => {
  test("end with a line feed, or with carriage return and line feed, and are numbered from 1", () => {
    expect(split(bytes("a\nb\r\n\nc\n"))).toEqual(["1:a", "2:b", "3:", "4:c"]);
  });

  test("need no line feed at the end of the input", () => {
    expect(split(bytes("a\nb"))).toEqual(["1:a", "2:b"]);
    expect(split(bytes(""))).toEqual([]);
  });

  test("are the same whatever chunks they come in", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "é", "\n", "\r\n", " ")), fc.array(fc.nat(40)), (parts, cuts) => {
        const whole = bytes(parts.join(""));
        const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end));
        expect(split(...pieces)).toEqual(split(whole));
      }),
    );
  });

  test("may have the greatest length, and not a byte more", () => {
    const longest = new Uint8Array(MAX_LINE_BYTES).fill(0x61);
    expect(split(longest, bytes("\r\n"), longest)).toHaveLength(2);
    expect(() => split(bytes("a\n"), longest, bytes("a"), bytes("\n"))).toThrow("Line 2 is longer than 1048576 bytes.");
    expect(() => split(longest, bytes("aa"))).toThrow("Line 1 is longer than 1048576 bytes.");
  });
});
