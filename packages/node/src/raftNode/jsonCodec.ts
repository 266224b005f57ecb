import type { Codec } from "./typedStateMachine.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** JSON as UTF-8. What JSON has no word for, such as `undefined` alone, becomes null. */
export function jsonCodec<Value>(): Codec<Value> {
  return {
    encode: (value) => encoder.encode(JSON.stringify(value ?? null)),
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as Value,
  };
}
