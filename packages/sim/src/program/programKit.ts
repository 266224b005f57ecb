import type { StateMachine } from "@balsa/replica";
import { sha256 } from "../report/sha256.js";
import type { OperationHistory } from "../workload/clientHistory.js";
import type { MachineKit } from "../workload/machineKit.js";
import type { Program } from "./program.js";

/** What the world knows of a program's machine: it checks that members agree, and leaves to the program what it promises. */
export function programKit(program: Program): MachineKit {
  return {
    name: "kv",
    create: () => program.createMachine(),
    encodeCommand: () => program.harmless,
    encodeQuestion: () => new Uint8Array(),
    describeResult: (result) => `${result.length} bytes`,
    harmless: { type: "get", key: "" },
    newHistory: () => NO_HISTORY,
    stateOf: (machine) => ({ keys: 0, sha256: sha256(readOut(machine)) }),
  };
}

const NO_HISTORY: OperationHistory = {
  invoke: () => 0,
  complete: () => undefined,
  close: () => undefined,
  verdict: () => ({ linearizable: "unknown", explanation: null }),
};

function readOut(machine: StateMachine): Uint8Array {
  const source = machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (let chunk = source.read(65_536); chunk !== null; chunk = source.read(65_536)) chunks.push(chunk.slice());
  source.release();
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
