import type { Model } from "../model.js";

export type CounterInput = { readonly type: "add"; readonly amount: number } | { readonly type: "read" };

/** The total: after an add, at a read; null where the answer doesn't tell it. */
export interface CounterOutput {
  readonly total: number | null;
}

/** A number that starts at 0; adding to it may answer with the new total. */
export const counter: Model<number, CounterInput, CounterOutput> = {
  init: () => 0,
  step(total, input, output) {
    const next = input.type === "add" ? total + input.amount : total;
    return output === undefined || output.total === null || output.total === next ? next : undefined;
  },
  equals: (left, right) => left === right,
  hash: (total) => total,
  isReadOnly: (input) => input.type === "read" || input.amount === 0,
  describe(input, output) {
    const answer = output === undefined ? "unknown" : (output.total ?? "ok");
    return `${input.type === "read" ? "read" : `add ${input.amount}`} → ${answer}`;
  },
};
