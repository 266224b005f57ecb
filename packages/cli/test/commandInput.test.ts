import { describe, expect, test } from "vitest";
import type { MachineName, NextCommand } from "@balsa/sim";
import { openCommandInput } from "../src/input/commandInput.js";
import { chunks, fakeIo } from "./support/fakeIo.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

async function readAll(path: string, machine: MachineName, ...stdin: readonly (string | Uint8Array)[]) {
  const input = await openCommandInput(path, machine, fakeIo({ stdin: chunks(...stdin) }));
  const answers: NextCommand[] = [];
  for (;;) {
    const next = input.next();
    if (next === "wait") {
      await input.fill();
      continue;
    }
    answers.push(next);
    if (next === "end" || "error" in next) break;
  }
  await input.close();
  return { input, answers };
}

const add = (amount: number) => ({ command: { type: "add", amount } });

describe("input", () => {
  test("comes in the order of its lines, from a file and from a stream alike", async () => {
    const text = "add 1\n\n# two\r\nadd 2\r\nadd 3";
    const expected = [add(1), add(2), add(3), "end"];
    expect((await readAll(file("commands.txt", text), "counter")).answers).toEqual(expected);
    expect((await readAll("-", "counter", text.slice(0, 3), text.slice(3, 20), text.slice(20))).answers).toEqual(
      expected,
    );
  });

  test("may begin with a byte order mark and may be empty", async () => {
    expect((await readAll(file("mark.txt", "\uFEFFadd 1\n"), "counter")).answers).toEqual([add(1), "end"]);
    expect((await readAll(file("empty.txt", ""), "counter")).answers).toEqual(["end"]);
  });

  test("of many chunks keeps every command", async () => {
    const many = 20_000;
    const text = Array.from({ length: many }, (_, index) => `add ${String(index)}\n`).join("");
    const { answers } = await readAll(file("many.txt", text), "counter");
    expect(answers).toHaveLength(many + 1);
    expect(answers[many - 1]).toEqual(add(many - 1));
  });

  test("from a file is refused before the run where any line is wrong", async () => {
    const path = file("wrong.txt", "add 1\nadd 2\nsub 3\nadd 4\n");
    await expect(openCommandInput(path, "counter", fakeIo())).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: `${path}, line 3: "sub" is not a command; expected "add N".`,
      place: { argument: "--input", line: 3, expected: '"add N"' },
    });
  });

  test("from a stream ends at a wrong line, after all lines before it", async () => {
    const { input, answers } = await readAll("-", "counter", "add 1\nadd 2\nadd", " x\nadd 4\n");
    expect(answers.slice(0, 2)).toEqual([add(1), add(2)]);
    expect(answers.at(-1)).toEqual({ error: input.failure?.message });
    expect(input.failure?.message).toMatch(/^standard input, line 3: "x" can't be added; expected a whole number/);
    expect(answers).toHaveLength(3);
  });

  test("that can't be read says which file and why", async () => {
    await expect(openCommandInput(file("none.txt"), "kv", fakeIo())).rejects.toThrow(
      /^--input: cannot read .*none.txt: there is no such file or directory.$/,
    );
    await expect(openCommandInput(file("."), "kv", fakeIo())).rejects.toThrow(/it is a directory/);
  });
});
