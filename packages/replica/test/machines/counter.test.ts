import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/encoding/decodeError.js";
import {
  CounterMachine,
  decodeCounterResult,
  encodeCounterCommand,
  encodeCounterQuestion,
  InvalidCommandError,
  type CounterResult,
} from "../../src/machines/index.js";
import { readOut, restoreFrom } from "./readOut.js";

const MAX = Number.MAX_SAFE_INTEGER;
const safeInteger = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 }), fc.constantFrom(MAX, -MAX));

function add(machine: CounterMachine, ...amounts: number[]): CounterResult[] {
  const commands = amounts.map((amount) => encodeCounterCommand({ type: "add", amount }));
  return machine.apply(commands).map(decodeCounterResult);
}

function counterAt(value: number): CounterMachine {
  const machine = new CounterMachine();
  add(machine, value);
  return machine;
}

describe("the counter", () => {
  it("starts at 0 and answers each command with the new total", () => {
    const machine = new CounterMachine();
    expect(machine.value).toBe(0);
    expect(add(machine, 3, -5, 0)).toEqual([
      { type: "total", total: 3 },
      { type: "total", total: -2 },
      { type: "total", total: -2 },
    ]);
    expect(machine.value).toBe(-2);
  });

  it("tells its total when asked", () => {
    const answer = counterAt(42).query(encodeCounterQuestion({ type: "total" }));
    expect(decodeCounterResult(answer)).toEqual({ type: "total", total: 42 });
  });

  it("adds nothing where the sum would not be a safe integer", () => {
    const high = counterAt(MAX);
    expect(add(high, 1, -1)).toEqual([
      { type: "outOfRange", total: MAX },
      { type: "total", total: MAX - 1 },
    ]);
    expect(add(counterAt(-MAX), -1)).toEqual([{ type: "outOfRange", total: -MAX }]);
  });

  it("equals the sum of what was added, for any amounts", () => {
    fc.assert(
      fc.property(fc.array(safeInteger), (amounts) => {
        let total = 0;
        const expected = amounts.map((amount): CounterResult => {
          if (!Number.isSafeInteger(total + amount)) return { type: "outOfRange", total };
          total += amount;
          return { type: "total", total };
        });
        expect(add(new CounterMachine(), ...amounts)).toEqual(expected);
      }),
    );
  });

  it("answers bytes that are no command, and is none the worse", () => {
    const machine = counterAt(7);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        fc.pre(bytes[0] !== 1);
        expect(machine.apply([bytes]).map(decodeCounterResult)).toEqual([{ type: "malformed" }]);
        expect(decodeCounterResult(machine.query(bytes))).toEqual({ type: "malformed" });
        expect(machine.value).toBe(7);
      }),
    );
    const valid = encodeCounterCommand({ type: "add", amount: 1000 });
    for (const bytes of [valid.subarray(0, -1), Uint8Array.of(...valid, 0), Uint8Array.of(1, 1, 0)]) {
      expect(machine.apply([bytes]).map(decodeCounterResult)).toEqual([{ type: "malformed" }]);
    }
    expect(machine.value).toBe(7);
  });

  it("refuses to encode an amount that is no safe integer", () => {
    for (const amount of [0.5, NaN, Infinity, MAX + 1]) {
      expect(() => encodeCounterCommand({ type: "add", amount })).toThrow(InvalidCommandError);
    }
  });

  it("is restored from its snapshot, which later commands don't change", () => {
    fc.assert(
      fc.property(safeInteger, fc.integer({ min: 1, max: 12 }), (value, chunkBytes) => {
        const machine = counterAt(value);
        const source = machine.snapshot();
        add(machine, 1, -2);
        const bytes = readOut(source, chunkBytes);
        const restored = counterAt(99);
        restoreFrom(restored, bytes, chunkBytes);
        expect(restored.value).toBe(value);
        expect(readOut(restored.snapshot())).toEqual(bytes);
      }),
    );
  });

  it("stays as it was when a snapshot is unfinished or makes no sense", () => {
    const bytes = readOut(counterAt(1_000).snapshot());
    const machine = counterAt(5);
    machine.restore().write(bytes);
    expect(machine.value).toBe(5);
    for (const bad of [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of(9, ...bytes.subarray(1))]) {
      expect(() => {
        restoreFrom(machine, bad);
      }).toThrow(DecodeError);
    }
    expect(machine.value).toBe(5);
  });
});
