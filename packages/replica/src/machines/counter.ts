import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { SnapshotSink, SnapshotSource, StateMachine } from "../stateMachine.js";
import { bytesSource } from "./bytesSource.js";
import { collectingSink } from "./collectingSink.js";
import {
  decodeCounterCommand,
  decodeCounterQuestion,
  decodeInteger,
  encodeCounterResult,
  encodeInteger,
  type CounterResult,
} from "./counterCodec.js";
import { decodeOrNull } from "./decodeOrNull.js";

const SNAPSHOT_FORMAT = 1;
const MALFORMED: CounterResult = { type: "malformed" };

/** The simplest machine there is: a whole number to which commands add. It starts at 0. */
export class CounterMachine implements StateMachine {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    return commands.map((bytes) => {
      const command = decodeOrNull(bytes, decodeCounterCommand);
      return encodeCounterResult(command === null ? MALFORMED : this.#add(command.amount));
    });
  }

  query(question: Uint8Array): Uint8Array {
    const asked = decodeOrNull(question, decodeCounterQuestion);
    return encodeCounterResult(asked === null ? MALFORMED : { type: "total", total: this.#value });
  }

  snapshot(): SnapshotSource {
    const writer = new ByteWriter(16);
    writer.u8(SNAPSHOT_FORMAT);
    encodeInteger(writer, this.#value);
    return bytesSource(writer.finish());
  }

  restore(): SnapshotSink {
    return collectingSink((bytes) => {
      const reader = new ByteReader(bytes);
      const format = reader.u8();
      if (format !== SNAPSHOT_FORMAT)
        throw new DecodeError(`unknown format ${String(format)} of a counter's snapshot`, 0);
      const value = decodeInteger(reader);
      reader.expectEnd();
      this.#value = value;
    });
  }

  #add(amount: number): CounterResult {
    const total = this.#value + amount;
    if (!Number.isSafeInteger(total)) return { type: "outOfRange", total: this.#value };
    this.#value = total;
    return { type: "total", total };
  }
}
