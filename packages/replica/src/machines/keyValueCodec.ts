import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { fitsUtf8 } from "../encoding/utf8.js";
import { InvalidCommandError } from "./invalidCommandError.js";

/** Of a key, as UTF-8. */
export const MAX_KEY_BYTES = 1024;
/** Of a value, as UTF-8. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** `get` is a command, too, so that a reader can have its place in the log, between the writers. */
export type KeyValueCommand =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string }
  /** Puts `value` if the key's value is `expected`; null: if the key is absent. */
  | { readonly type: "compareAndSet"; readonly key: string; readonly expected: string | null; readonly value: string }
  /** Puts `value` behind what the key has; an absent key has nothing. */
  | { readonly type: "append"; readonly key: string; readonly value: string };

export type KeyValueQuestion = Extract<KeyValueCommand, { type: "get" }>;

export type KeyValueResult =
  /** To `get`; null when the key is absent. */
  | { readonly type: "value"; readonly value: string | null }
  /** To `put` and `append`. */
  | { readonly type: "done" }
  /** To `delete`: whether there was something to delete. */
  | { readonly type: "deleted"; readonly existed: boolean }
  /** To `compareAndSet`: whether the value was as expected, and so was replaced. */
  | { readonly type: "compared"; readonly swapped: boolean }
  /** To `append`: the value would have more than `MAX_VALUE_BYTES`; nothing was done. */
  | { readonly type: "tooLarge" }
  /** The bytes were no command, or no question, of this machine; nothing was done. */
  | { readonly type: "malformed" };

const COMMAND = { get: 1, put: 2, delete: 3, compareAndSet: 4, append: 5 } as const;
const RESULT = {
  absent: 1,
  value: 2,
  done: 3,
  deleted: 4,
  nothingToDelete: 5,
  swapped: 6,
  notSwapped: 7,
  tooLarge: 8,
  malformed: 9,
} as const;

const writer = new ByteWriter(1024);

/** @throws InvalidCommandError for a key or a value that is too long. */
export function encodeKeyValueCommand(command: KeyValueCommand): Uint8Array {
  writer.reset();
  writer.u8(COMMAND[command.type]);
  checkLength("key", command.key, MAX_KEY_BYTES);
  writer.text(command.key);
  if (command.type === "compareAndSet") {
    const expected = command.expected;
    writer.u8(expected === null ? 0 : 1);
    if (expected !== null) encodeValue(expected);
  }
  if (command.type === "put" || command.type === "append" || command.type === "compareAndSet") {
    encodeValue(command.value);
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeKeyValueCommand(bytes: Uint8Array): KeyValueCommand {
  const reader = new ByteReader(bytes);
  const command = decodeCommandBody(reader);
  reader.expectEnd();
  return command;
}

function decodeCommandBody(reader: ByteReader): KeyValueCommand {
  const tag = reader.u8();
  const key = reader.text(MAX_KEY_BYTES);
  switch (tag) {
    case COMMAND.get:
      return { type: "get", key };
    case COMMAND.put:
      return { type: "put", key, value: reader.text(MAX_VALUE_BYTES) };
    case COMMAND.delete:
      return { type: "delete", key };
    case COMMAND.compareAndSet: {
      const at = reader.offset;
      const present = reader.u8();
      if (present > 1) throw new DecodeError(`${String(present)} where 0 or 1 must stand`, at);
      const expected = present === 1 ? reader.text(MAX_VALUE_BYTES) : null;
      return { type: "compareAndSet", key, expected, value: reader.text(MAX_VALUE_BYTES) };
    }
    case COMMAND.append:
      return { type: "append", key, value: reader.text(MAX_VALUE_BYTES) };
    default:
      throw new DecodeError(`unknown command ${String(tag)} of the key-value machine`, 0);
  }
}

/** @throws InvalidCommandError for a key that is too long. */
export function encodeKeyValueQuestion(question: KeyValueQuestion): Uint8Array {
  return encodeKeyValueCommand(question);
}

/** @throws DecodeError */
export function decodeKeyValueQuestion(bytes: Uint8Array): KeyValueQuestion {
  const command = decodeKeyValueCommand(bytes);
  if (command.type !== "get") throw new DecodeError(`"${command.type}" is no question of the key-value machine`, 0);
  return command;
}

export function encodeKeyValueResult(result: KeyValueResult): Uint8Array {
  writer.reset();
  writer.u8(tagOfResult(result));
  if (result.type === "value" && result.value !== null) writer.text(result.value);
  return writer.finish();
}

function tagOfResult(result: KeyValueResult): number {
  switch (result.type) {
    case "value":
      return result.value === null ? RESULT.absent : RESULT.value;
    case "deleted":
      return result.existed ? RESULT.deleted : RESULT.nothingToDelete;
    case "compared":
      return result.swapped ? RESULT.swapped : RESULT.notSwapped;
    case "done":
    case "tooLarge":
    case "malformed":
      return RESULT[result.type];
  }
}

/** @throws DecodeError */
export function decodeKeyValueResult(bytes: Uint8Array): KeyValueResult {
  const reader = new ByteReader(bytes);
  const result = decodeResultBody(reader);
  reader.expectEnd();
  return result;
}

function decodeResultBody(reader: ByteReader): KeyValueResult {
  const tag = reader.u8();
  switch (tag) {
    case RESULT.absent:
      return { type: "value", value: null };
    case RESULT.value:
      return { type: "value", value: reader.text(MAX_VALUE_BYTES) };
    case RESULT.done:
      return { type: "done" };
    case RESULT.deleted:
    case RESULT.nothingToDelete:
      return { type: "deleted", existed: tag === RESULT.deleted };
    case RESULT.swapped:
    case RESULT.notSwapped:
      return { type: "compared", swapped: tag === RESULT.swapped };
    case RESULT.tooLarge:
      return { type: "tooLarge" };
    case RESULT.malformed:
      return { type: "malformed" };
    default:
      throw new DecodeError(`unknown result ${String(tag)} of the key-value machine`, 0);
  }
}

function encodeValue(value: string): void {
  checkLength("value", value, MAX_VALUE_BYTES);
  writer.text(value);
}

function checkLength(what: string, text: string, maxBytes: number): void {
  if (!fitsUtf8(text, maxBytes)) {
    throw new InvalidCommandError(`The ${what} is too long; at most ${String(maxBytes)} bytes of UTF-8 are allowed.`);
  }
}
