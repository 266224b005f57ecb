import { expect, test } from "vitest";
import { formatDuration } from "@balsa/sim";

test.each([
  [5, "5 ms"],
  [1_500, "1.5 s"],
  [3_156, "3.2 s"],
  [60_000, "60 s"],
  [3_600_000, "60 min"],
  [36_000_000, "10 h"],
])("%d ms are shown to a person as %s", (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});
