import {
  CounterMachine,
  decodeCounterResult,
  decodeKeyValueResult,
  encodeCounterCommand,
  encodeCounterQuestion,
  encodeKeyValueCommand,
  encodeKeyValueQuestion,
  KeyValueMachine,
  type KeyValueResult,
  type StateMachine,
} from "@balsa/replica";
import { counter, keyValue, type CounterInput, type CounterOutput } from "@balsa/linearizability";
import type { KeyValueInput, KeyValueOutput } from "@balsa/linearizability";
import type { MachineState } from "../report/report.js";
import { sha256 } from "../report/sha256.js";
import type { MachineName } from "../scenario/scenario.js";
import type { WorkloadCommand } from "../world/commandSource.js";
import { ClientHistory, type OperationHistory } from "./clientHistory.js";
import { encodeText } from "./encodeText.js";

/** What a client may do: a command through the log, or a read beside it. */
export type ClientOperation = WorkloadCommand | { readonly type: "total" };

/** All that the world must know of one kind of state machine. */
export interface MachineKit {
  readonly name: MachineName;
  create(): StateMachine;
  /** @throws InvalidCommandError where the machine can't take it, say for its length */
  encodeCommand(command: WorkloadCommand): Uint8Array;
  encodeQuestion(operation: ClientOperation): Uint8Array;
  describeResult(result: Uint8Array): string;
  /** A command that changes nothing. */
  readonly harmless: WorkloadCommand;
  newHistory(): OperationHistory;
  stateOf(machine: StateMachine): MachineState;
}

export function machineKit(name: MachineName): MachineKit {
  return name === "counter" ? COUNTER_KIT : KEY_VALUE_KIT;
}

/** As a person would type it. */
export function describeOperation(operation: ClientOperation): string {
  switch (operation.type) {
    case "add":
      return `add ${operation.amount}`;
    case "total":
      return "read";
    case "get":
    case "delete":
      return `${operation.type} ${operation.key}`;
    case "put":
    case "append":
      return `${operation.type} ${operation.key} ${operation.value}`;
    case "compareAndSet":
      return `cas ${operation.key} ${operation.expected ?? "(absent)"} ${operation.value}`;
  }
}

const COUNTER_KIT: MachineKit = {
  name: "counter",
  create: () => new CounterMachine(),
  encodeCommand(command) {
    if (command.type !== "add") throw new WrongMachineError(command.type, "counter");
    return encodeCounterCommand(command);
  },
  encodeQuestion: () => encodeCounterQuestion({ type: "total" }),
  describeResult(bytes) {
    const result = decodeCounterResult(bytes);
    return result.type === "total" ? String(result.total) : result.type;
  },
  harmless: { type: "add", amount: 0 },
  newHistory: () => new ClientHistory<number, CounterInput, CounterOutput>(counter, counterInput, counterOutput),
  stateOf(machine) {
    if (!(machine instanceof CounterMachine)) throw new WrongMachineError("total", "counter");
    return machine.value;
  },
};

const KEY_VALUE_KIT: MachineKit = {
  name: "kv",
  create: () => new KeyValueMachine(),
  encodeCommand(command) {
    if (command.type === "add") throw new WrongMachineError(command.type, "kv");
    return encodeKeyValueCommand(command);
  },
  encodeQuestion(operation) {
    if (operation.type !== "get") throw new WrongMachineError(operation.type, "kv");
    return encodeKeyValueQuestion(operation);
  },
  describeResult: (bytes) => describeKeyValueResult(decodeKeyValueResult(bytes)),
  harmless: { type: "get", key: "probe" },
  newHistory: () =>
    new ClientHistory<string | null, KeyValueInput, KeyValueOutput>(keyValue, keyValueInput, keyValueOutput),
  stateOf(machine) {
    if (!(machine instanceof KeyValueMachine)) throw new WrongMachineError("entries", "kv");
    const entries = machine.entries();
    return { keys: entries.length, sha256: sha256(encodeText(JSON.stringify(entries))) };
  },
};

/** A command was meant for another kind of machine. */
export class WrongMachineError extends Error {
  readonly code = "WRONG_MACHINE";
  override readonly name = "WrongMachineError";

  constructor(command: string, machine: MachineName) {
    super(`The machine ${machine} has no command ${command}.`);
  }
}

function counterInput(operation: ClientOperation): CounterInput {
  return operation.type === "add" ? { type: "add", amount: operation.amount } : { type: "read" };
}

function counterOutput(bytes: Uint8Array): CounterOutput {
  const result = decodeCounterResult(bytes);
  if (result.type !== "total") throw new UnexpectedResultError(result.type);
  return { total: result.total };
}

function keyValueInput(operation: ClientOperation): KeyValueInput {
  if (operation.type === "add" || operation.type === "total") throw new WrongMachineError(operation.type, "kv");
  return operation;
}

function keyValueOutput(bytes: Uint8Array): KeyValueOutput {
  const result = decodeKeyValueResult(bytes);
  switch (result.type) {
    case "value":
      return result;
    case "done":
    case "deleted":
      return { type: "done" };
    case "compared":
      return result;
    case "tooLarge":
    case "malformed":
      throw new UnexpectedResultError(result.type);
  }
}

/** A machine answered a command of the workload as no workload expects. */
export class UnexpectedResultError extends Error {
  readonly code = "UNEXPECTED_RESULT";
  override readonly name = "UnexpectedResultError";

  constructor(type: string) {
    super(`A state machine answered ${type} to a well-formed command.`);
  }
}

function describeKeyValueResult(result: KeyValueResult): string {
  switch (result.type) {
    case "value":
      return result.value === null ? "(absent)" : result.value;
    case "deleted":
      return result.existed ? "deleted" : "(absent)";
    case "compared":
      return result.swapped ? "swapped" : "unchanged";
    case "done":
    case "tooLarge":
    case "malformed":
      return result.type;
  }
}
