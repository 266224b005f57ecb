import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const BUGS = 27;

const rows = readFileSync(new URL("docs/known-bugs.md", root), "utf8")
  .split("\n")
  .filter((line) => /^\| *\d+ *\|/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([number, what, where, prevents, tests]) => ({ number: Number(number), what, where, prevents, tests }));

test("the table of known bugs has a row for each, in order", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: BUGS }, (_, i) => i + 1));
});

test.each(rows)("bug $number says what it was, where, and what prevents it", ({ what, where, prevents }) => {
  for (const cell of [what, where, prevents]) expect(cell).toMatch(/\S{3}/);
});

test.each(rows)("bug $number is covered by tests that exist under these names", ({ tests }) => {
  const named = (tests ?? "").split("<br>");
  for (const each of named) {
    const [, path = "", title] = /^\[[^\]]+\]\(\.\.\/([^)]+)\) (?:“([^”]+)”|\(a script\))$/.exec(each) ?? [];
    expect(path, each).not.toBe("");
    expect(existsSync(new URL(path, root)), path).toBe(true);
    if (title === undefined) expect(path).toMatch(/^packages\/core\/test\/scripts\/.+\.txt$/);
    else expect(titlesIn(path), path).toContain(title);
  }
});

/** What the tests of a file are called, as it is written there. */
function titlesIn(path: string): string[] {
  const source = readFileSync(new URL(path, root), "utf8");
  return Array.from(source.matchAll(/\b(?:test|it)(?:\.each\([^)]*\))?\(\s*"([^"\n]+)"/g), ([, title]) => title ?? "");
}
