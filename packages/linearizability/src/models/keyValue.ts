import { at } from "../at.js";
import type { Model } from "../model.js";
import type { Operation } from "../operation.js";

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
  lostMatters,
  describe: (input, output) => `${describeInput(input)} → ${describeOutput(output)}`,
};

/**
 * What is lost matters only where an answer shows it, where a lost compare-and-set may have found it, or where it took
 * away what a compare-and-set that failed would have found. After it there may have been appends, so a value that could
 * be the beginning of such a one counts.
 */
function lostMatters(
  operations: readonly Operation<KeyValueInput, KeyValueOutput>[],
): (before: string | null, after: string | null) => boolean {
  const shown: string[] = [];
  const missed: string[] = [];
  let missedAbsence = false;
  for (const { input, output } of operations) {
    if (output?.type === "value" && output.value !== null) shown.push(output.value);
    if (input.type !== "compareAndSet") continue;
    if (output?.type === "compared" && !output.swapped) {
      if (input.expected === null) missedAbsence = true;
      else missed.push(input.expected);
    } else if (input.expected !== null) shown.push(input.expected);
  }
  const beginsShown = beginningOf(shown);
  const beginsMissed = beginningOf(missed);
  return (before, after) =>
    after === null || beginsShown(after) || (before === null ? missedAbsence || missed.length > 0 : beginsMissed(before));
}

/** A test whether a text is the beginning of one of `texts`: of those not before it, the first tells. */
function beginningOf(texts: readonly string[]): (beginning: string) => boolean {
  const sorted = [...texts].sort();
  return (beginning) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(sorted, middle) < beginning) low = middle + 1;
      else high = middle;
    }
    return sorted[low]?.startsWith(beginning) === true;
  };
}

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
