import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeKeyValueCommand,
  decodeKeyValueResult,
  encodeKeyValueCommand,
  encodeKeyValueQuestion,
  InvalidCommandError,
  KeyValueMachine,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type KeyValueCommand,
  type KeyValueResult,
} from "../../src/machines/index.js";

const anyKey = fc.oneof(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 6, unit: "binary" }));
const anyValue = fc.oneof(fc.constantFrom("", "0", "1"), fc.string({ maxLength: 10, unit: "binary" }));

const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  fc.record({ type: fc.constant("get" as const), key: anyKey }, { noNullPrototype: true }),
  fc.record({ type: fc.constant("put" as const), key: anyKey, value: anyValue }, { noNullPrototype: true }),
  fc.record({ type: fc.constant("delete" as const), key: anyKey }, { noNullPrototype: true }),
  fc.record(
    { type: fc.constant("compareAndSet" as const), key: anyKey, expected: fc.option(anyValue), value: anyValue },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant("append" as const), key: anyKey, value: anyValue }, { noNullPrototype: true }),
);

function run(machine: KeyValueMachine, ...commands: KeyValueCommand[]): KeyValueResult[] {
  return machine.apply(commands.map(encodeKeyValueCommand)).map(decodeKeyValueResult);
}

/** What each command means, in the shortest words, over an array of pairs. */
function runModel(pairs: [string, string][], { type, key, ...rest }: KeyValueCommand): KeyValueResult {
  const at = pairs.findIndex(([name]) => name === key);
  const current = pairs[at]?.[1] ?? null;
  const put = (next: string): void => {
    if (at >= 0) pairs.splice(at, 1);
    pairs.push([key, next]);
  };
  const { value, expected } = rest as { value: string; expected: string | null };
  if (type === "get") return { type: "value", value: current };
  if (type === "delete") {
    if (at >= 0) pairs.splice(at, 1);
    return { type: "deleted", existed: at >= 0 };
  }
  if (type === "compareAndSet") {
    if (current === expected) put(value);
    return { type: "compared", swapped: current === expected };
  }
  put(type === "append" ? (current ?? "") + value : value);
  return { type: "done" };
}

describe("the key-value machine", () => {
  it("puts, gets, deletes, compares and appends", () => {
    const machine = new KeyValueMachine();
    expect(
      run(
        machine,
        { type: "get", key: "k" },
        { type: "put", key: "k", value: "1" },
        { type: "get", key: "k" },
        { type: "compareAndSet", key: "k", expected: "0", value: "9" },
        { type: "compareAndSet", key: "k", expected: "1", value: "2" },
        { type: "append", key: "k", value: "3" },
        { type: "append", key: "new", value: "x" },
        { type: "compareAndSet", key: "absent", expected: null, value: "y" },
        { type: "compareAndSet", key: "absent", expected: null, value: "z" },
        { type: "delete", key: "new" },
        { type: "delete", key: "new" },
      ),
    ).toEqual([
      { type: "value", value: null },
      { type: "done" },
      { type: "value", value: "1" },
      { type: "compared", swapped: false },
      { type: "compared", swapped: true },
      { type: "done" },
      { type: "done" },
      { type: "compared", swapped: true },
      { type: "compared", swapped: false },
      { type: "deleted", existed: true },
      { type: "deleted", existed: false },
    ]);
    expect(machine.entries()).toEqual([
      ["absent", "y"],
      ["k", "23"],
    ]);
    expect(machine.size).toBe(2);
  });

  it("does what its model does, for any commands in any batches", () => {
    fc.assert(
      fc.property(fc.array(fc.array(command, { maxLength: 8 }), { maxLength: 8 }), (batches) => {
        const machine = new KeyValueMachine();
        const pairs: [string, string][] = [];
        for (const batch of batches) {
          expect(run(machine, ...batch)).toEqual(batch.map((one) => runModel(pairs, one)));
        }
        expect(machine.entries()).toEqual(pairs.sort(([left], [right]) => (left < right ? -1 : 1)));
      }),
      { numRuns: 300 },
    );
  });

  it("answers a question as it does the command, and changes nothing by it", () => {
    const machine = new KeyValueMachine();
    run(machine, { type: "put", key: "k", value: "v" });
    const ask = (key: string) => decodeKeyValueResult(machine.query(encodeKeyValueQuestion({ type: "get", key })));
    expect(ask("k")).toEqual({ type: "value", value: "v" });
    expect(ask("other")).toEqual({ type: "value", value: null });
    const put = encodeKeyValueCommand({ type: "put", key: "k", value: "changed" });
    expect(decodeKeyValueResult(machine.query(put))).toEqual({ type: "malformed" });
    expect(machine.get("k")).toBe("v");
  });

  it("gives back every command as it was encoded", () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(decodeKeyValueCommand(encodeKeyValueCommand(one))).toEqual(one);
      }),
    );
  });

  it("answers bytes that are no command, and is none the worse", () => {
    const machine = new KeyValueMachine();
    run(machine, { type: "put", key: "k", value: "v" });
    fc.assert(
      fc.property(command, fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(), (one, more, cut) => {
        const valid = encodeKeyValueCommand(one);
        for (const bytes of [valid.subarray(0, cut % valid.length), Uint8Array.of(...valid, ...more), more.fill(0)]) {
          expect(machine.apply([bytes]).map(decodeKeyValueResult)).toEqual([{ type: "malformed" }]);
        }
      }),
    );
    expect(machine.entries()).toEqual([["k", "v"]]);
  });

  it("takes keys and values up to their limits in bytes", () => {
    const machine = new KeyValueMachine();
    const longKey = "k".repeat(MAX_KEY_BYTES);
    const longValue = "€".repeat(Math.floor(MAX_VALUE_BYTES / 3)) + "v";
    expect(run(machine, { type: "put", key: longKey, value: longValue })).toEqual([{ type: "done" }]);
    expect(machine.get(longKey)).toBe(longValue);
    expect(() => encodeKeyValueCommand({ type: "get", key: `${longKey}k` })).toThrow(InvalidCommandError);
    expect(() => encodeKeyValueCommand({ type: "put", key: "k", value: `${longValue}v` })).toThrow(InvalidCommandError);
  });

  it("appends nothing to a value that would become too large", () => {
    const machine = new KeyValueMachine();
    run(machine, { type: "put", key: "k", value: "v".repeat(MAX_VALUE_BYTES - 2) });
    expect(
      run(
        machine,
        { type: "append", key: "k", value: "€" },
        { type: "append", key: "k", value: "é" },
        { type: "append", key: "k", value: "x" },
        { type: "append", key: "k", value: "" },
      ),
    ).toEqual([{ type: "tooLarge" }, { type: "done" }, { type: "tooLarge" }, { type: "done" }]);
  });
});
