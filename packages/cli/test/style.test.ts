import { describe, expect, test } from "vitest";
import { choosePaint, chooseWidth, coloured, plain } from "../src/render/style.js";

const output = (isTTY: boolean, columns?: number) => ({
  isTTY,
  ...(columns === undefined ? {} : { columns }),
  write: () => true,
});

describe("colours", () => {
  test.each([
    ["on a terminal", true, {}, coloured],
    ["not in a pipe", false, {}, plain],
    ["not with NO_COLOR", true, { NO_COLOR: "1" }, plain],
    ["with an empty NO_COLOR, which does not count", true, { NO_COLOR: "" }, coloured],
    ["in a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, coloured],
    ["not on a terminal with FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, plain],
    ["not with both, for NO_COLOR has the last word", true, { NO_COLOR: "1", FORCE_COLOR: "1" }, plain],
    ["not on a dumb terminal", true, { TERM: "dumb" }, plain],
  ])("%s", (_name, isTTY, environment, expected) => {
    expect(choosePaint(output(isTTY), environment)).toBe(expected);
  });
});

describe("the width", () => {
  test.each([
    ["that of the terminal", true, 100, 100],
    ["80 in a pipe", false, 200, 80],
    ["80 where the terminal does not say", true, undefined, 80],
    ["at most 120", true, 300, 120],
    ["at least 40", true, 10, 40],
  ])("is %s", (_name, isTTY, columns, expected) => {
    expect(chooseWidth(output(isTTY, columns))).toBe(expected);
  });
});
