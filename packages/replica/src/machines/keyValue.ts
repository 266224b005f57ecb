import { fitsUtf8 } from "../encoding/utf8.js";
import type { SnapshotSink, SnapshotSource, StateMachine } from "../stateMachine.js";
import { BucketMap } from "./bucketMap.js";
import { decodeOrNull } from "./decodeOrNull.js";
import {
  decodeKeyValueCommand,
  decodeKeyValueQuestion,
  encodeKeyValueResult,
  MAX_VALUE_BYTES,
  type KeyValueCommand,
  type KeyValueResult,
} from "./keyValueCodec.js";
import { KeyValueSnapshotSink, KeyValueSnapshotSource } from "./keyValueSnapshot.js";

const MALFORMED: KeyValueResult = { type: "malformed" };

/** A map from strings to strings, which starts empty. */
export class KeyValueMachine implements StateMachine {
  #values = new BucketMap();

  /** How many keys have a value. */
  get size(): number {
    return this.#values.size;
  }

  get(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  /** All keys with their values, in ascending order of the keys' UTF-16 code units. */
  entries(): readonly (readonly [key: string, value: string])[] {
    return Array.from(this.#values.pairs()).sort(compareKeys);
  }

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    return commands.map((bytes) => {
      const command = decodeOrNull(bytes, decodeKeyValueCommand);
      return encodeKeyValueResult(command === null ? MALFORMED : this.#execute(command));
    });
  }

  query(question: Uint8Array): Uint8Array {
    const get = decodeOrNull(question, decodeKeyValueQuestion);
    return encodeKeyValueResult(get === null ? MALFORMED : this.#execute(get));
  }

  /** Costs the same however many keys there are. */
  snapshot(): SnapshotSource {
    return new KeyValueSnapshotSource(this.#values.capture());
  }

  /** The state so far stays in place, and in memory, until the new one is whole. */
  restore(): SnapshotSink {
    return new KeyValueSnapshotSink((values) => {
      this.#values = values;
    });
  }

  #execute(command: KeyValueCommand): KeyValueResult {
    const values = this.#values;
    switch (command.type) {
      case "get":
        return { type: "value", value: this.get(command.key) };
      case "put":
        values.set(command.key, command.value);
        return { type: "done" };
      case "delete":
        return { type: "deleted", existed: values.delete(command.key) };
      case "compareAndSet": {
        const swapped = this.get(command.key) === command.expected;
        if (swapped) values.set(command.key, command.value);
        return { type: "compared", swapped };
      }
      case "append": {
        const value = (this.get(command.key) ?? "") + command.value;
        if (!fitsUtf8(value, MAX_VALUE_BYTES)) return { type: "tooLarge" };
        values.set(command.key, value);
        return { type: "done" };
      }
    }
  }
}

/** By code units, which is the language's own order of strings. */
function compareKeys(left: readonly [string, string], right: readonly [string, string]): number {
  return left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0;
}
