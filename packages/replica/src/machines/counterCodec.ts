import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { InvalidCommandError } from "./invalidCommandError.js";

/** Adds `amount`, a whole number from -(2^53-1) to 2^53-1. */
export interface CounterCommand {
  readonly type: "add";
  readonly amount: number;
}

/** Asks for the total. */
export interface CounterQuestion {
  readonly type: "total";
}

export type CounterResult =
  /** The total, after the command if it was one. */
  | { readonly type: "total"; readonly total: number }
  /** The sum would not be a safe integer; nothing was added and this is still the total. */
  | { readonly type: "outOfRange"; readonly total: number }
  /** The bytes were no command, or no question, of a counter; nothing was done. */
  | { readonly type: "malformed" };

const ADD = 1;
const TOTAL = 1;
const OUT_OF_RANGE = 2;
const MALFORMED = 3;

const writer = new ByteWriter(32);

/** @throws InvalidCommandError unless the amount is a safe integer. */
export function encodeCounterCommand(command: CounterCommand): Uint8Array {
  if (!Number.isSafeInteger(command.amount)) {
    throw new InvalidCommandError(
      `A counter can't add ${String(command.amount)}; give a whole number from -(2^53-1) to 2^53-1.`,
    );
  }
  writer.reset();
  writer.u8(ADD);
  encodeInteger(writer, command.amount);
  return writer.finish();
}

/** @throws DecodeError */
export function decodeCounterCommand(bytes: Uint8Array): CounterCommand {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  if (tag !== ADD) throw new DecodeError(`unknown command ${String(tag)} of a counter`, 0);
  const amount = decodeInteger(reader);
  reader.expectEnd();
  return { type: "add", amount };
}

export function encodeCounterQuestion(_question: CounterQuestion): Uint8Array {
  return Uint8Array.of(TOTAL);
}

/** @throws DecodeError */
export function decodeCounterQuestion(bytes: Uint8Array): CounterQuestion {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  if (tag !== TOTAL) throw new DecodeError(`unknown question ${String(tag)} of a counter`, 0);
  reader.expectEnd();
  return { type: "total" };
}

export function encodeCounterResult(result: CounterResult): Uint8Array {
  writer.reset();
  if (result.type === "malformed") {
    writer.u8(MALFORMED);
  } else {
    writer.u8(result.type === "total" ? TOTAL : OUT_OF_RANGE);
    encodeInteger(writer, result.total);
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeCounterResult(bytes: Uint8Array): CounterResult {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  if (tag < TOTAL || tag > MALFORMED) throw new DecodeError(`unknown result ${String(tag)} of a counter`, 0);
  const result: CounterResult =
    tag === MALFORMED
      ? { type: "malformed" }
      : { type: tag === TOTAL ? "total" : "outOfRange", total: decodeInteger(reader) };
  reader.expectEnd();
  return result;
}

/** Sign (0 or 1), then magnitude. */
export function encodeInteger(target: ByteWriter, n: number): void {
  target.u8(n < 0 ? 1 : 0);
  target.uint(Math.abs(n));
}

export function decodeInteger(reader: ByteReader): number {
  const at = reader.offset;
  const sign = reader.u8();
  const magnitude = reader.uint();
  if (sign > 1 || (sign === 1 && magnitude === 0)) throw new DecodeError("a whole number with a wrong sign", at);
  return sign === 1 ? -magnitude : magnitude;
}
