import type { Codec } from "./typedStateMachine.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** JSON as UTF-8. What JSON has no word for, such as `undefined` or a function alone, becomes null. */
export function jsonCodec<Value>(): Codec<Value> {
  return {
    encode: (value) => {
      const text = JSON.stringify(value) as string | undefined;
      return encoder.encode(text ?? "null");
    },
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as Value,
  };
}
