import { expect, test } from "vitest";
import { encodeEnvelope, SessionedMachine } from "../../src/sessions/index.js";
import type { StateMachine } from "../../src/stateMachine.js";
import { KeyValueMachine } from "../../src/machines/index.js";
import { readOut, restoreFrom } from "../machines/readOut.js";

/** Notes the time that comes with each command. */
class Diary extends KeyValueMachine implements StateMachine {
  readonly timesMs: number[] = [];

  override apply(commands: readonly Uint8Array[], clusterTimesMs: readonly number[] = []): readonly Uint8Array[] {
    expect(clusterTimesMs).toHaveLength(commands.length);
    this.timesMs.push(...clusterTimesMs);
    return commands;
  }
}

const plain = (clusterTimeMs: number) => encodeEnvelope({ kind: "plain", clusterTimeMs, payload: Uint8Array.of(1) });

test("a command comes with the time that the leader stamped on it, whatever other entries stand between", () => {
  const machine = new Diary();
  const session = { sessionId: 2, sequence: 1, firstOpenSequence: 1 };
  new SessionedMachine(machine).apply([
    { index: 1, data: plain(5) },
    { index: 2, data: encodeEnvelope({ kind: "register", clusterTimeMs: 7 }) },
    { index: 3, data: encodeEnvelope({ kind: "command", clusterTimeMs: 9, session, payload: Uint8Array.of(2) }) },
    { index: 4, data: plain(9) },
    { index: 5, data: plain(12) },
  ]);
  expect(machine.timesMs).toEqual([5, 9, 9, 12]);
});

test("the time never falls, though the stamp of a new leader may, also behind a snapshot", () => {
  const before = new SessionedMachine(new Diary());
  before.apply([{ index: 1, data: plain(500) }]);
  const machine = new Diary();
  const after = new SessionedMachine(machine);
  restoreFrom(after, readOut(before.snapshot()), 100);
  after.apply([
    { index: 2, data: plain(10) },
    { index: 3, data: plain(501) },
  ]);
  expect(machine.timesMs).toEqual([500, 501]);
});
