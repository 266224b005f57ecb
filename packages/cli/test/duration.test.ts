import { describe, expect, test } from "vitest";
import { parseDuration, writeDuration } from "../src/duration.js";

describe("a duration", () => {
  test.each([
    ["500ms", 500],
    ["60s", 60_000],
    ["1.5s", 1_500],
    ["10m", 600_000],
    ["10min", 600_000],
    ["1h", 3_600_000],
  ])("%s is %d ms", (text, expected) => {
    expect(parseDuration(text, "--duration")).toBe(expected);
  });

  test.each(["", "60", "s", "-1s", "0s", "1e3s", "60 s", "1001h", "1d", "60S"])(
    "%j is none, and is told so",
    (text) => {
      expect(() => parseDuration(text, "--duration")).toThrow(
        /^--duration is .*; it must be a duration from 1ms to 1000h with its unit/,
      );
    },
  );

  test.each([
    [1, "1ms"],
    [1_500, "1500ms"],
    [60_000, "60s"],
    [5_400_000, "5400s"],
    [36_000_000, "10h"],
  ])("of %d ms is written as %s, and read again", (milliseconds, expected) => {
    expect(writeDuration(milliseconds)).toBe(expected);
    expect(parseDuration(expected, "--duration")).toBe(milliseconds);
  });
});
