import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { run } from "../src/index.js";
import { fakeIo } from "./support/fakeIo.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

const event = (process: number, type: string, f: string, value: unknown) => JSON.stringify({ process, type, f, value });
const write = [event(0, "invoke", "write", 1), event(0, "ok", "write", 1)];
const readOf = (value: unknown) => [event(1, "invoke", "read", null), event(1, "ok", "read", value)];
const RIGHT = [...write, ...readOf(1)].join("\n");
const WRONG = [...write, ...readOf(2)].join("\n");
/** So many writes at one time that no order of them ends in the value read; to rule them all out takes long. */
const HARD = [
  ...Array.from({ length: 24 }, (_, process) => event(process, "invoke", "write", process)),
  ...Array.from({ length: 24 }, (_, process) => event(process, "ok", "write", process)),
  ...Array.from({ length: 24 }, (_, process) => event(process, "invoke", "read", null)),
  ...Array.from({ length: 24 }, (_, process) => event(process, "ok", "read", process)),
].join("\n");

async function check(...args: readonly string[]) {
  const io = fakeIo();
  const status = await run(["check", ...args], io);
  return { status, out: io.out(), err: io.err() };
}

describe("balsa check", () => {
  test("ends with 0 for a linearizable history", async () => {
    const { status, out } = await check(file("right.jsonl", RIGHT));
    expect(status).toBe(0);
    expect(out).toMatch(/right\.jsonl: linearizable \(cas-register, 2 operations, /);
  });

  test("ends with 1 for one that is not, and says what does not fit", async () => {
    const { status, out } = await check(file("wrong.jsonl", WRONG));
    expect(status).toBe(1);
    expect(out).toMatch(/wrong\.jsonl: NOT linearizable/);
    expect(out).toContain("client 1: read → 2");
  });

  test("ends with 2 for what is no history, and says where and what was expected", async () => {
    const { status, out, err } = await check(file("broken.jsonl", `${RIGHT}\n{`));
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/broken\.jsonl, line 5: it is not JSON; expected one JSON object a line\./);
    expect((await check(file("absent"))).err).toContain("there is no such file or directory");
  });

  test("ends with 3 where time is over before the verdict", async () => {
    const { status, out } = await check(file("hard.jsonl", HARD), "--timeout", "1ms");
    expect(status).toBe(3);
    expect(out).toContain("unknown, the 1ms of --timeout did not do");
  });

  test("looks at every file; of their statuses 2 goes before 1, 1 before 3, and 3 before 0", async () => {
    const [right, wrong] = [file("right.jsonl", RIGHT), file("wrong.jsonl", WRONG)];
    const [broken, hard] = [file("broken.jsonl", "{"), file("hard.jsonl", HARD)];
    const statusOf = async (...paths: string[]) => (await check(...paths, "--timeout", "1s")).status;
    expect(await statusOf(right, right)).toBe(0);
    expect((await check(right, hard, "--timeout", "1ms")).status).toBe(3);
    expect((await check(right, wrong, hard, "--timeout", "1ms")).status).toBe(1);
    expect(await statusOf(broken, wrong, right)).toBe(2);
    expect((await check(broken, wrong, right)).out.trim().split("\n")[0]).toContain("NOT linearizable");
  });

  test("prints with --json a document for each file", async () => {
    const paths = [file("right.jsonl", RIGHT), file("wrong.jsonl", WRONG), file("broken.jsonl", "{")];
    const { out } = await check("--json", ...paths);
    const [right, wrong, broken] = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(right).toMatchObject({ file: paths[0], verdict: "linearizable", operations: 2 });
    expect(right).toHaveProperty("wallMs", expect.any(Number));
    expect(right).not.toHaveProperty("stuckOn");
    expect(wrong).toMatchObject({ file: paths[1], verdict: "illegal", stuckOn: [{ clientId: 1, text: "read → 2" }] });
    expect(broken).toMatchObject({ file: paths[2], error: { code: "BAD_INPUT", line: 1 } });
  });

  test("draws with --html a page, of one file only", async () => {
    const [wrong, page] = [file("wrong.jsonl", WRONG), file("page.html")];
    expect((await check(wrong, "--html", page)).status).toBe(1);
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[^]*read → 2[^]*<\/html>\n$/);
    expect((await check(wrong, wrong, "--html", page)).status).toBe(2);
    expect((await check(wrong, "--html", `${page}/no/page.html`)).err).toContain("--html: cannot write");
  });

  test("takes a model and a format by name, and suggests the right one", async () => {
    const right = file("right.jsonl", RIGHT);
    expect((await check(right, "--model", "register", "--format", "jsonl")).out).toContain("(register, ");
    expect((await check(right, "--model", "regster")).err).toContain("did you mean register?");
    expect((await check(right, "--format", "edn")).status).toBe(2);
    expect((await check(right, "--model", "queue")).err).toContain("this model has no operation");
  });
});
