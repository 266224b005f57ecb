import type { Model } from "../model.js";

export type CounterInput = { readonly type: "add"; readonly amount: number } | { readonly type: "read" };

/** The total: after an add, at a read. */
export interface CounterOutput {
  readonly total: number;
}

/** A number that starts at 0; adding to it answers with the new total. */
export const counter: Model<number, CounterInput, CounterOutput> = {
  init: () => 0,
  step(total, input, output) {
    const next = input.type === "add" ? total + input.amount : total;
    return output === undefined || output.total === next ? next : undefined;
  },
  key: (total) => total,
  isReadOnly: (input) => input.type === "read" || input.amount === 0,
  inputKey: (input) => (input.type === "read" ? "read" : input.amount),
  describe: (input, output) =>
    `${input.type === "read" ? "read" : `add ${input.amount}`} → ${output === undefined ? "unknown" : output.total}`,
};
