import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/encoding/byteWriter.js";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { encodeKeyValueCommand, KeyValueMachine, MAX_VALUE_BYTES } from "../../src/machines/index.js";
import { readOut, restoreFrom } from "./readOut.js";

const text = fc.string({ maxLength: 6, unit: "binary" });
const pairs = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key });

function machineWith(content: readonly (readonly [string, string])[]): KeyValueMachine {
  const machine = new KeyValueMachine();
  put(machine, content);
  return machine;
}

function put(machine: KeyValueMachine, content: readonly (readonly [string, string])[]): void {
  machine.apply(content.map(([key, value]) => encodeKeyValueCommand({ type: "put", key, value })));
}

describe("a snapshot of the key-value machine", () => {
  it("restores another machine to the same content, whatever the chunks", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (content, out, into) => {
        const machine = machineWith(content);
        const restored = machineWith([["old", "content"]]);
        restoreFrom(restored, readOut(machine.snapshot(), out), into);
        expect(restored.entries()).toEqual(machine.entries());
      }),
    );
  });

  it("has the same bytes for the same content, in whatever order that came to be and in whatever chunks it is read", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 40 }), (content, chunkBytes) => {
        const there = readOut(machineWith(content).snapshot());
        const back = readOut(machineWith([...content].reverse()).snapshot(), chunkBytes);
        expect(back).toEqual(there);
      }),
    );
  });

  it("is not changed by commands after it was taken, before or while it is read", () => {
    const content = Array.from({ length: 20 }, (_, i) => [`k${String(i)}`, String(i)] as const);
    const machine = machineWith(content);
    const expected = readOut(machine.snapshot());
    const source = machine.snapshot();
    put(machine, [
      ["a", "before"],
      ["k3", "before"],
    ]);
    const first = source.read(16) as Uint8Array;
    put(machine, [
      ["k9", "while"],
      ["z", "while"],
    ]);
    machine.apply([encodeKeyValueCommand({ type: "delete", key: "k8" })]);
    expect(Uint8Array.of(...first, ...readOut(source, 16))).toEqual(expected);
  });

  it("cuts a large value into chunks of the size asked for", () => {
    const machine = machineWith([["k", "v".repeat(MAX_VALUE_BYTES)]]);
    const source = machine.snapshot();
    expect(source.read(1000)?.length).toBe(1000);
    expect(source.read(70_000)?.length).toBe(70_000);
    source.release();
    expect(source.read(1000)).toBeNull();
  });

  it("leaves the machine as it was until it is finished", () => {
    const machine = machineWith([["old", "content"]]);
    const sink = machine.restore();
    sink.write(readOut(machineWith([["new", "content"]]).snapshot()));
    expect(machine.entries()).toEqual([["old", "content"]]);
    put(machine, [["meanwhile", "put"]]);
    sink.finish();
    expect(machine.entries()).toEqual([["new", "content"]]);
  });

  it("is refused when cut off, continued, of another format or out of order, and leaves the machine as it was", () => {
    const bytes = readOut(
      machineWith([
        ["a", "1"],
        ["b", "2"],
      ]).snapshot(),
    );
    const machine = machineWith([["old", "content"]]);
    const refuse = (bad: Uint8Array) => {
      expect(() => {
        restoreFrom(machine, bad);
      }).toThrow(DecodeError);
      expect(machine.entries()).toEqual([["old", "content"]]);
    };
    for (let length = 0; length < bytes.length; length++) refuse(bytes.subarray(0, length));
    refuse(Uint8Array.of(...bytes, 0));
    refuse(Uint8Array.of(99, ...bytes.subarray(1)));
    for (const [first, second] of [
      ["b", "a"],
      ["a", "a"],
    ] as const) {
      const writer = new ByteWriter();
      writer.u8(1);
      writer.uint(2);
      for (const part of [first, "1", second, "2"]) writer.text(part);
      refuse(writer.finish());
    }
  });
});
