import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MachineName } from "@balsa/sim";
import { CommandError, parseCommand } from "../src/input/parseCommand.js";

const parse = (text: string, machine: MachineName = "kv") => parseCommand(new TextEncoder().encode(text), machine);

describe("a line of input", () => {
  test("is a command of the run's machine", () => {
    expect(parse("add 3", "counter")).toEqual({ type: "add", amount: 3 });
    expect(parse("add -3", "counter")).toEqual({ type: "add", amount: -3 });
    expect(parse("put k v")).toEqual({ type: "put", key: "k", value: "v" });
    expect(parse("cas k old new")).toEqual({ type: "compareAndSet", key: "k", expected: "old", value: "new" });
    expect(parse("delete k")).toEqual({ type: "delete", key: "k" });
    expect(parse("append k v")).toEqual({ type: "append", key: "k", value: "v" });
    expect(parse("get k")).toEqual({ type: "get", key: "k" });
  });

  test("may have spaces and tabs around its words", () => {
    expect(parse(" \tput \t k   v ")).toEqual({ type: "put", key: "k", value: "v" });
  });

  test("asks for nothing when it is empty or a comment", () => {
    for (const text of ["", "   ", "# put k v", "  #"]) expect(parse(text)).toBeNull();
  });

  test("has a # in a word like any other character", () => {
    expect(parse("put k #1")).toEqual({ type: "put", key: "k", value: "#1" });
  });

  test("holds spaces, nothing and quotation marks in JSON strings", () => {
    expect(parse('put "a key" "two\\nlines"')).toEqual({ type: "put", key: "a key", value: "two\nlines" });
    expect(parse('put k ""')).toEqual({ type: "put", key: "k", value: "" });
    expect(parse('put k "say \\"hi\\""')).toEqual({ type: "put", key: "k", value: 'say "hi"' });
    expect(parse('put k it"s')).toEqual({ type: "put", key: "k", value: 'it"s' });
  });

  test("gives every key and value back that JSON can write", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), fc.string({ unit: "binary" }), (key, value) => {
        expect(parse(`put ${JSON.stringify(key)} ${JSON.stringify(value)}`)).toEqual({ type: "put", key, value });
      }),
    );
  });

  test("never has -0 as an amount", () => {
    expect(parse("add -0", "counter")).toEqual({ type: "add", amount: 0 });
  });
});

describe("a wrong line says what was found and what was expected", () => {
  test.each<[string, MachineName, string]>([
    ["ad 3", "counter", '"ad" is not a command (did you mean add?); expected "add N"'],
    ["add", "counter", '"add" has nothing after it; expected add N'],
    ["add 1 2", "counter", '"add" has 2 words after it; expected add N'],
    ["add 1.5", "counter", '"1.5" can\'t be added; expected a whole number'],
    ["add 9007199254740992", "counter", "can't be added; expected a whole number from -(2^53-1) to 2^53-1"],
    ["add x", "counter", '"x" can\'t be added'],
    ["put k v", "counter", '"put" is a command of the machine kv, and this run\'s is counter'],
    ["add 3", "kv", "(or call with --machine counter)"],
    ["frobnicate k", "kv", '"frobnicate" is not a command; expected one of "put KEY VALUE", "cas KEY OLD NEW"'],
    ["constructor k", "kv", '"constructor" is not a command'],
    ["put k two words", "kv", 'expected put KEY VALUE (put quotation marks around spaces: "a b")'],
    ['put k "open', "kv", "the quotation mark at column 7 is not closed"],
    ['put "k"v', "kv", "a space is missing after"],
    ['put k "\\x"', "kv", "is not a JSON string"],
    ['put k "\\ud800"', "kv", "half of a surrogate pair"],
    [`get ${"k".repeat(1_025)}`, "kv", "the key has 1025 bytes; expected a key of at most 1024 bytes"],
  ])("%s (%s)", (text, machine, message) => {
    expect(() => parse(text, machine)).toThrow(CommandError);
    expect(() => parse(text, machine)).toThrow(message);
  });

  test("bytes that are not UTF-8", () => {
    expect(() => parseCommand(Uint8Array.of(0x67, 0xff), "kv")).toThrow("it is not UTF-8; expected one of");
  });

  test("whatever the bytes are, it is a command, nothing or a CommandError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom<MachineName>("counter", "kv"), (line, machine) => {
        try {
          parseCommand(line, machine);
        } catch (error) {
          expect(error).toBeInstanceOf(CommandError);
        }
      }),
    );
  });
});
