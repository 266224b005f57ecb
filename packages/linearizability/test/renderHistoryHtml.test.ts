import type { CasRegisterInput, CasRegisterOutput, Operation } from "@balsa/linearizability";
import { casRegister, checkHistory, keyValue, renderHistoryHtml } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";

type RegisterOperation = Operation<CasRegisterInput, CasRegisterOutput>;

const write = (
  clientId: string | number,
  value: string | number,
  invokedAt: number,
  returnedAt: number,
): RegisterOperation => ({
  clientId,
  input: { type: "write", value },
  output: { type: "written" },
  invokedAt,
  returnedAt,
});
const read = (
  clientId: string | number,
  value: string | number,
  invokedAt: number,
  returnedAt: number,
): RegisterOperation => ({
  clientId,
  input: { type: "read" },
  output: { type: "read", value },
  invokedAt,
  returnedAt,
});
const draw = (operations: readonly RegisterOperation[], title?: string): string =>
  renderHistoryHtml(
    casRegister,
    operations,
    checkHistory(casRegister, operations),
    title === undefined ? {} : { title },
  );

const count = (html: string, pattern: RegExp): number => [...html.matchAll(pattern)].length;

describe("renderHistoryHtml", () => {
  it("draws a lane for each client, every operation once, and the order in numbers", () => {
    const html = draw([write("a", 1, 0, 5), read("b", 1, 1, 2), write("a", 2, 6, 7), read("c", 2, 6, 9)]);
    expect(count(html, /<div class="lane"/g)).toBe(3);
    expect(count(html, /<div class="op placed"/g)).toBe(4);
    const places = [...html.matchAll(/<span class="badge" style="left:(\d+)px[^>]*>(\d)</g)];
    const byPlace = places.sort((a, b) => Number(a[2]) - Number(b[2]));
    expect(byPlace.map(([, , place]) => place)).toEqual(["1", "2", "3", "4"]);
    const lefts = byPlace.map(([, left]) => Number(left));
    expect(lefts).toEqual([...lefts].sort((a, b) => a - b));
    expect(html).not.toContain('id="break"');
  });

  it("marks where no order goes on, and tells apart what was open, not needed, and later", () => {
    const lost: RegisterOperation = { ...write("d", 7, 0, 0), output: undefined, returnedAt: null };
    const html = draw([write("a", 1, 0, 1), read("b", 2, 2, 4), write("c", 3, 3, 9), lost, read("a", 1, 10, 11)]);
    expect(count(html, /id="break"/g)).toBe(1);
    for (const role of ["placed", "stuck", "alsoOpen", "unneeded lost endless", "later"]) {
      expect(count(html, new RegExp(`<div class="op ${role}"`, "g")), role).toBe(1);
    }
  });

  it("draws of a history in parts the part that is illegal", () => {
    const get = (key: string, value: string | null, at: number) =>
      ({
        clientId: 1,
        input: { type: "get", key },
        output: { type: "value", value },
        invokedAt: at,
        returnedAt: at + 1,
      }) as const;
    const operations = [get("right", null, 0), get("wrong", "x", 2), get("right", null, 4)];
    const html = renderHistoryHtml(keyValue, operations, checkHistory(keyValue, operations));
    expect(html).toContain("in <b>wrong</b>");
    expect(count(html, /<div class="op /g)).toBe(1);
  });

  it("escapes whatever a history says, and loads nothing", () => {
    const evil = "</script><script>alert(1)</script>\"'&\u202e";
    const html = draw([write(evil, evil, 0, 1), read("b", evil, 2, 3), read("c", 1, 4, 5)], evil);
    expect(count(html, /<script/g)).toBe(1);
    expect(html).not.toContain("alert(1)</script>");
    expect(html).not.toMatch(/\u202e|https?:|src=|@import|url\(/);
  });

  it("draws at most 2,000 operations, those around the point where it breaks", () => {
    const operations = Array.from({ length: 5_000 }, (_, index) => write(1, index, 2 * index, 2 * index + 1));
    operations[4_000] = read(1, 7, 8_000, 8_001);
    const html = draw(operations);
    expect(html).toContain("Drawn are 2000 of 5000 operations.");
    expect(count(html, /<div class="op /g)).toBe(2_000);
    expect(count(html, /<div class="op stuck"/g)).toBe(1);
  });

  it("draws an empty history and one that was not judged", () => {
    expect(draw([])).toContain("Operations: 0.");
    const operations = [write(1, 1, 0, 1)];
    const unknown = checkHistory(casRegister, operations, { shouldStop: () => true });
    expect(renderHistoryHtml(casRegister, operations, unknown)).toContain("the budget of time was spent");
  });
});
