import type { Model } from "../model.js";
import { keyValueFocus } from "./keyValueFocus.js";

export type KeyValueInput =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string }
  /** Sets the value if the key holds `expected`; null means that the key is absent. */
  | { readonly type: "compareAndSet"; readonly key: string; readonly expected: string | null; readonly value: string }
  /** Adds to the end of the value; an absent key counts as empty. */
  | { readonly type: "append"; readonly key: string; readonly value: string };

export type KeyValueOutput =
  /** Of get; null means that the key is absent. */
  | { readonly type: "value"; readonly value: string | null }
  /** Of put, append and delete. */
  | { readonly type: "done" }
  /** Of compareAndSet. */
  | { readonly type: "compared"; readonly swapped: boolean };

/** String values under keys, each key a part of its own; the state is one key's value, null while it is absent. */
export const keyValue: Model<string | null, KeyValueInput, KeyValueOutput> = {
  init: () => null,
  step(value, input, output) {
    switch (input.type) {
      case "get":
        return output === undefined || (output.type === "value" && output.value === value) ? value : undefined;
      case "put":
        return isDone(output) ? input.value : undefined;
      case "delete":
        return isDone(output) ? null : undefined;
      case "append":
        return isDone(output) ? (value ?? "") + input.value : undefined;
      case "compareAndSet": {
        const swapped = value === input.expected;
        if (output !== undefined && (output.type !== "compared" || output.swapped !== swapped)) return undefined;
        return swapped ? input.value : value;
      }
    }
  },
  equals: (left, right) => left === right,
  hash: (value) => (value === null ? 0 : value),
  partition: (input) => input.key,
  isReadOnly: (input, output) => input.type === "get" || (output?.type === "compared" && !output.swapped),
  focus: keyValueFocus,
  describe: (input, output) => `${describeInput(input)} → ${describeOutput(output)}`,
};

function isDone(output: KeyValueOutput | undefined): boolean {
  return output === undefined || output.type === "done";
}

function describeInput(input: KeyValueInput): string {
  const key = JSON.stringify(input.key);
  switch (input.type) {
    case "get":
    case "delete":
      return `${input.type} ${key}`;
    case "put":
    case "append":
      return `${input.type} ${key} ${JSON.stringify(input.value)}`;
    case "compareAndSet":
      return `cas ${key} ${describeValue(input.expected)} ${JSON.stringify(input.value)}`;
  }
}

function describeOutput(output: KeyValueOutput | undefined): string {
  switch (output?.type) {
    case undefined:
      return "unknown";
    case "value":
      return describeValue(output.value);
    case "done":
      return "ok";
    case "compared":
      return output.swapped ? "swapped" : "unchanged";
  }
}

function describeValue(value: string | null): string {
  return value === null ? "absent" : JSON.stringify(value);
}
