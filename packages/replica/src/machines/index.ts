export { CounterMachine } from "./counter.js";
export {
  decodeCounterCommand,
  decodeCounterResult,
  encodeCounterCommand,
  encodeCounterQuestion,
  type CounterCommand,
  type CounterQuestion,
  type CounterResult,
} from "./counterCodec.js";
export { InvalidCommandError } from "./invalidCommandError.js";
export { KeyValueMachine } from "./keyValue.js";
export {
  decodeKeyValueCommand,
  decodeKeyValueResult,
  encodeKeyValueCommand,
  encodeKeyValueQuestion,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type KeyValueCommand,
  type KeyValueQuestion,
  type KeyValueResult,
} from "./keyValueCodec.js";
export { bytesSource } from "./bytesSource.js";
export { collectingSink } from "./collectingSink.js";
