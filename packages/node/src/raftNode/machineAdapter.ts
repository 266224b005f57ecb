import {
  bytesSource,
  collectingSink,
  refusal,
  RefusedError,
  type SnapshotSource,
  type StateMachine,
} from "@balsa/replica";
import { jsonCodec } from "./jsonCodec.js";
import type { Codec, TypedStateMachine } from "./typedStateMachine.js";

/** A state machine as its user sees it, and as the log does. */
export interface MachineAdapter<Command, Result, Machine> {
  readonly machine: Machine;
  readonly bytesMachine: StateMachine;
  encodeCommand(command: Command): Uint8Array;
  /** @throws RefusedError where the machine could make nothing of the command */
  decodeResult(bytes: Uint8Array): Result;
}

/** A machine that takes and gives bytes is its own adapter. */
export function adaptBytesMachine<Machine extends StateMachine>(
  machine: Machine,
): MachineAdapter<Uint8Array, Uint8Array, Machine> {
  return {
    machine,
    bytesMachine: machine,
    encodeCommand: (command) => command,
    decodeResult: (result) => result,
  };
}

/* A result in the log's answers: a first byte that says whether there is one, and its encoding. */
const RESULT = 0;
const MALFORMED = Uint8Array.of(1);

/** Puts codecs between a machine of values and the log's bytes. */
export function adaptTypedMachine<Command, Result, Machine extends TypedStateMachine<Command, Result>>(
  machine: Machine,
): MachineAdapter<Command, Result, Machine> {
  const commands = machine.commandCodec ?? jsonCodec<Command>();
  const results = machine.resultCodec ?? jsonCodec<Result>();
  return {
    machine,
    bytesMachine: new TypedMachine(machine, commands, results),
    encodeCommand: (command) => commands.encode(command),
    decodeResult: (bytes) => {
      if (bytes[0] === RESULT) return results.decode(bytes.subarray(1));
      throw new RefusedError(refusal("MALFORMED", null, "the state machine could not decode it"));
    },
  };
}

class TypedMachine<Command, Result> implements StateMachine {
  readonly #machine: TypedStateMachine<Command, Result>;
  readonly #commands: Codec<Command>;
  readonly #results: Codec<Result>;

  constructor(machine: TypedStateMachine<Command, Result>, commands: Codec<Command>, results: Codec<Result>) {
    this.#machine = machine;
    this.#commands = commands;
    this.#results = results;
  }

  apply(commands: readonly Uint8Array[], clusterTimesMs: readonly number[]): readonly Uint8Array[] {
    return commands.map((bytes, i) => {
      const command = decodeOrNull(this.#commands, bytes);
      return command === null
        ? MALFORMED
        : withTag(this.#results.encode(this.#machine.apply(command.value, clusterTimesMs[i] ?? 0)));
    });
  }

  query(question: Uint8Array): Uint8Array {
    const machine = this.#machine;
    const { questionCodec = jsonCodec<never>(), answerCodec = jsonCodec<unknown>() as Codec<never> } = machine;
    const asked = machine.query === undefined ? null : decodeOrNull(questionCodec, question);
    if (asked === null || machine.query === undefined) return MALFORMED;
    return withTag(answerCodec.encode(machine.query(asked.value) as never));
  }

  /** The value is captured now, and encoded when it is first read. */
  snapshot(): SnapshotSource {
    const codec = (this.#machine.stateCodec ?? jsonCodec<never>()) as Codec<unknown>;
    const state = this.#machine.snapshot();
    let source: SnapshotSource | null = null;
    return {
      read: (maxBytes) => (source ??= bytesSource(codec.encode(state))).read(maxBytes),
      release: () => source?.release(),
    };
  }

  restore() {
    const codec = this.#machine.stateCodec ?? jsonCodec<never>();
    return collectingSink((bytes) => {
      this.#machine.restore(codec.decode(bytes));
    });
  }
}

/** Every member decodes the same bytes with the same codec, so that all of them fail alike. */
function decodeOrNull<Value>(codec: Codec<Value>, bytes: Uint8Array): { readonly value: Value } | null {
  try {
    return { value: codec.decode(bytes) };
  } catch {
    return null; // the answer says so
  }
}

function withTag(bytes: Uint8Array): Uint8Array {
  const tagged = new Uint8Array(bytes.length + 1);
  tagged[0] = RESULT;
  tagged.set(bytes, 1);
  return tagged;
}
