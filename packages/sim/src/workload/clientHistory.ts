import { checkHistory, explain, HistoryRecorder, type Model } from "@balsa/linearizability";
import type { StateMachine } from "@balsa/replica";
import type { ClientOperation } from "./machineKit.js";

export interface HistoryVerdict {
  readonly linearizable: boolean | "unknown";
  /** Why not, for a person; null otherwise. */
  readonly explanation: string | null;
}

/** What the clients asked and were told, to be judged at the end. */
export interface OperationHistory {
  /** Begins an operation and returns the number to settle it by. */
  invoke(client: string, operation: ClientOperation): number;
  complete(id: number, result: Uint8Array): void;
  /** Nobody knows whether it took effect, but from now on it can't. */
  close(id: number): void;
  verdict(): HistoryVerdict;
}

/** Beyond this a history is not kept, and the verdict is `unknown`. */
const MAX_OPERATIONS = 1_000_000;
const NOT_KEPT = -1;

/** Keeps the whole history, for the search that decides whether some order explains it. */
export class ClientHistory<
  State extends NonNullable<unknown> | null,
  Input,
  Output extends NonNullable<unknown>,
> implements OperationHistory {
  readonly #recorder = new HistoryRecorder<Input, Output>();
  readonly #model: Model<State, Input, Output>;
  readonly #inputOf: (operation: ClientOperation) => Input;
  readonly #outputOf: (result: Uint8Array) => Output;
  #operations = 0;

  constructor(
    model: Model<State, Input, Output>,
    inputOf: (operation: ClientOperation) => Input,
    outputOf: (result: Uint8Array) => Output,
  ) {
    this.#model = model;
    this.#inputOf = inputOf;
    this.#outputOf = outputOf;
  }

  invoke(client: string, operation: ClientOperation): number {
    this.#operations += 1;
    return this.#operations > MAX_OPERATIONS ? NOT_KEPT : this.#recorder.invoke(client, this.#inputOf(operation));
  }

  complete(id: number, result: Uint8Array): void {
    if (id !== NOT_KEPT) this.#recorder.complete(id, this.#outputOf(result));
  }

  close(id: number): void {
    if (id !== NOT_KEPT) this.#recorder.close(id);
  }

  verdict(): HistoryVerdict {
    if (this.#operations > MAX_OPERATIONS) return { linearizable: "unknown", explanation: null };
    const result = checkHistory(this.#model, this.#recorder.operations());
    switch (result.verdict) {
      case "linearizable":
        return { linearizable: true, explanation: null };
      case "unknown":
        return { linearizable: "unknown", explanation: null };
      case "illegal":
        return { linearizable: false, explanation: explain(this.#model, result) };
    }
  }
}

/**
 * For one client whose commands have an order of their own: a machine that nothing befalls executes them in that order,
 * and every answer must be the same, to the byte. So nothing needs to be kept, however long the input.
 */
export class ReferenceHistory implements OperationHistory {
  readonly #machine: StateMachine;
  readonly #encode: (operation: ClientOperation) => Uint8Array;
  readonly #open = new Map<number, Uint8Array>();
  #next = 1;
  #closed = 0;
  #explanation: string | null = null;

  constructor(machine: StateMachine, encode: (operation: ClientOperation) => Uint8Array) {
    this.#machine = machine;
    this.#encode = encode;
  }

  invoke(_client: string, operation: ClientOperation): number {
    const id = this.#next;
    this.#next += 1;
    const [expected] = this.#machine.apply([this.#encode(operation)], [0]);
    this.#open.set(id, expected as Uint8Array);
    return id;
  }

  complete(id: number, result: Uint8Array): void {
    const expected = this.#open.get(id);
    this.#open.delete(id);
    if (expected === undefined || this.#explanation !== null) return;
    if (expected.length !== result.length || expected.some((byte, i) => byte !== result[i])) {
      this.#explanation = `Command ${id} of the input was answered [${result.join(" ")}], not [${expected.join(" ")}].`;
    }
  }

  close(id: number): void {
    this.#open.delete(id);
    this.#closed += 1;
  }

  verdict(): HistoryVerdict {
    if (this.#explanation !== null) return { linearizable: false, explanation: this.#explanation };
    return { linearizable: this.#closed > 0 ? "unknown" : true, explanation: null };
  }
}
