import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { KeyValueMachine } from "../../src/machines/index.js";
import { SessionedMachine, SessionTable } from "../../src/sessions/index.js";
import { readOut, restoreFrom } from "../machines/readOut.js";
import { World } from "./world.js";

function worldWithHistory(): World {
  const world = new World();
  const [a, b] = [world.register(), world.register()];
  world.timeMs = 10;
  for (let sequence = 1; sequence <= 3; sequence++) world.append(b, sequence, "b");
  world.command(a, 1, { type: "get", key: "log" });
  return world;
}

describe("a snapshot of machine and sessions", () => {
  it("restores both, whatever the chunks", () => {
    const world = worldWithHistory();
    const bytes = world.snapshotBytes();
    for (let chunkBytes = 1; chunkBytes <= bytes.length + 1; chunkBytes++) {
      expect(readOut(world.machine.snapshot(), chunkBytes)).toEqual(bytes);
      const keyValue = new KeyValueMachine();
      const restored = new SessionedMachine(keyValue, world.options);
      restoreFrom(restored, bytes, chunkBytes);
      expect(keyValue.get("log")).toBe("bbb");
      expect(readOut(restored.snapshot())).toEqual(bytes);
    }
  });

  it("shows nothing of what is applied after it was taken", () => {
    const world = worldWithHistory();
    const bytes = world.snapshotBytes();
    const source = world.machine.snapshot();
    const first = source.read(3) as Uint8Array;
    world.append(world.register(), 1, "later");
    expect(Uint8Array.of(...first, ...readOut(source, 3))).toEqual(bytes);
  });

  it("is refused wherever it is cut off, and leaves machine and sessions as they were", () => {
    const bytes = worldWithHistory().snapshotBytes();
    const world = new World();
    world.append(world.register(), 1, "own");
    const before = world.snapshotBytes();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => {
        restoreFrom(world.machine, bytes.subarray(0, length), 16);
      }).toThrow(DecodeError);
      expect(world.snapshotBytes()).toEqual(before);
    }
  });

  it("is refused, or restores a state that gives these bytes again, whichever byte is changed", () => {
    const bytes = worldWithHistory().snapshotBytes();
    for (let at = 0; at < bytes.length; at++) {
      for (let flip = 1; flip < 256; flip++) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ flip;
        const machine = new SessionedMachine(new KeyValueMachine());
        try {
          restoreFrom(machine, changed);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          continue;
        }
        expect(readOut(machine.snapshot())).toEqual(changed);
      }
    }
  });

  it("holds no session that was active before the one in front of it, or twice", () => {
    // Format, cluster time, number of sessions, then id, last activity, last sequence and number of results of each.
    const table =
      (...numbers: number[]) =>
      () =>
        SessionTable.decode(Uint8Array.from(numbers));
    expect(table(1, 9, 2, 1, 5, 0, 0, 2, 6, 0, 0)().size).toBe(2);
    expect(table(1, 9, 2, 1, 6, 0, 0, 2, 5, 0, 0)).toThrow(DecodeError);
    expect(table(1, 9, 1, 1, 10, 0, 0)).toThrow(DecodeError);
    expect(table(1, 9, 2, 1, 5, 0, 0, 1, 6, 0, 0)).toThrow(DecodeError);
    expect(table(1, 9, 1, 0, 5, 0, 0)).toThrow(DecodeError);
    expect(table(1, 9, 1, 1, 5, 0, 1, 0)).toThrow(DecodeError);
    expect(table(2, 9, 0)).toThrow(DecodeError);
  });
});
