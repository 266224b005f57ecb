import type { Model } from "../model.js";
import { casRegisterFocus } from "./casRegisterFocus.js";

/** What a register holds; null while it is unset. A number and the same number as a string are different values. */
export type RegisterValue = string | number | null;

export type CasRegisterInput =
  | { readonly type: "read" }
  | { readonly type: "write"; readonly value: RegisterValue }
  /** Sets the value if the register holds `expected`. */
  | { readonly type: "cas"; readonly expected: RegisterValue; readonly value: RegisterValue };

export type CasRegisterOutput =
  | { readonly type: "read"; readonly value: RegisterValue }
  | { readonly type: "written" }
  | { readonly type: "cas"; readonly swapped: boolean };

/** One value, unset at first, with read, write and compare-and-set. */
export const casRegister: Model<RegisterValue, CasRegisterInput, CasRegisterOutput> = {
  init: () => null,
  step(value, input, output) {
    switch (input.type) {
      case "read":
        return output === undefined || (output.type === "read" && output.value === value) ? value : undefined;
      case "write":
        return output === undefined || output.type === "written" ? input.value : undefined;
      case "cas": {
        const swapped = value === input.expected;
        if (output !== undefined && (output.type !== "cas" || output.swapped !== swapped)) return undefined;
        return swapped ? input.value : value;
      }
    }
  },
  equals: (left, right) => left === right,
  hash: registerHash,
  isReadOnly: (input, output) => input.type === "read" || (output?.type === "cas" && !output.swapped),
  focus: casRegisterFocus,
  describe: (input, output) => `${describeInput(input)} → ${describeOutput(output)}`,
};

/** No string has the hash of null or of a number. */
function registerHash(value: RegisterValue): string | number {
  if (value === null) return "nil";
  return typeof value === "number" ? value : `=${value}`;
}

function describeInput(input: CasRegisterInput): string {
  switch (input.type) {
    case "read":
      return "read";
    case "write":
      return `write ${describeValue(input.value)}`;
    case "cas":
      return `cas ${describeValue(input.expected)} ${describeValue(input.value)}`;
  }
}

function describeOutput(output: CasRegisterOutput | undefined): string {
  switch (output?.type) {
    case undefined:
      return "unknown";
    case "read":
      return describeValue(output.value);
    case "written":
      return "ok";
    case "cas":
      return output.swapped ? "swapped" : "unchanged";
  }
}

function describeValue(value: RegisterValue): string {
  return value === null ? "nil" : JSON.stringify(value);
}
