import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/encoding/byteWriter.js";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { bucketOf } from "../../src/machines/bucketMap.js";
import { encodeKeyValueCommand, KeyValueMachine, MAX_VALUE_BYTES } from "../../src/machines/index.js";
import type { SnapshotSource } from "../../src/stateMachine.js";
import { readOut, restoreFrom } from "./readOut.js";

const text = fc.string({ maxLength: 6, unit: "binary" });
const pairs = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key });

/** Keys of one bucket, and a few of others. */
const COLLIDING = Array.from({ length: 200_000 }, (_, i) => `key${String(i)}`)
  .filter((key, i) => i < 3 || bucketOf(key) === bucketOf("key0"))
  .slice(0, 10);

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

  it("has the same bytes on all members that applied the same commands, whatever snapshots they took or came from", () => {
    const command = fc.tuple(fc.constantFrom("put", "append", "delete", "capture", "release", "restore"), fc.nat(9));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (steps, chunkBytes) => {
        const plain = new KeyValueMachine();
        let other = new KeyValueMachine();
        const open: [SnapshotSource, Uint8Array][] = [];
        for (const [step, n] of steps) {
          const key = COLLIDING[n] as string;
          if (step === "capture") {
            open.push([other.snapshot(), readOut(plain.snapshot())]);
          } else if (step === "release") {
            const [source, expected] = open.shift() ?? [other.snapshot(), readOut(other.snapshot())];
            expect(readOut(source, chunkBytes)).toEqual(expected);
          } else if (step === "restore") {
            const bytes = readOut(other.snapshot());
            other = new KeyValueMachine();
            restoreFrom(other, bytes, chunkBytes);
          } else {
            const type = step;
            const bytes = encodeKeyValueCommand({ type, key, value: String(n) });
            for (const machine of [plain, other]) machine.apply([bytes]);
          }
        }
        expect(readOut(other.snapshot(), chunkBytes)).toEqual(readOut(plain.snapshot()));
        for (const [source, expected] of open) expect(readOut(source)).toEqual(expected);
      }),
      { numRuns: 300 },
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

  it("is refused when cut off, continued, of another format or with a key twice, and leaves the machine as it was", () => {
    const bytes = readOut(
      machineWith([
        ["a", "1"],
        ["ä", "2"],
      ]).snapshot(),
    );
    const machine = machineWith([["old", "content"]]);
    const refuse = (bad: Uint8Array) => {
      for (const chunkBytes of [1, 3, 64]) {
        expect(() => {
          restoreFrom(machine, bad, chunkBytes);
        }).toThrow(DecodeError);
        expect(machine.entries()).toEqual([["old", "content"]]);
      }
    };
    for (let length = 0; length < bytes.length; length++) refuse(bytes.subarray(0, length));
    refuse(Uint8Array.of(...bytes, 0));
    refuse(Uint8Array.of(99, ...bytes.subarray(1)));
    const writer = new ByteWriter();
    writer.u8(2);
    writer.uint(2);
    for (const part of ["a", "1", "a", "2"]) writer.text(part);
    refuse(writer.finish());
  });

  it("is refused as soon as a length says more than there may be, before so much is gathered", () => {
    const writer = new ByteWriter();
    writer.u8(2);
    writer.uint(1);
    writer.text("key");
    writer.uint(MAX_VALUE_BYTES + 1);
    const sink = new KeyValueMachine().restore();
    expect(() => {
      sink.write(writer.finish());
    }).toThrow(DecodeError);
  });

  it("takes a pair that comes in the smallest pieces, and with others in one piece", () => {
    const content = [
      ["long", "v".repeat(3_000)],
      ["k", "…"],
      ["", ""],
    ] as const;
    const bytes = readOut(machineWith(content).snapshot());
    for (const chunkBytes of [1, 7, 1_000, bytes.length]) {
      const restored = new KeyValueMachine();
      restoreFrom(restored, bytes, chunkBytes);
      expect(restored.entries()).toEqual(machineWith(content).entries());
      expect(restored.size).toBe(3);
    }
  });
});
