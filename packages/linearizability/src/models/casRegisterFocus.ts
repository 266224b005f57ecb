import type { Focus } from "../model.js";
import type { Operation } from "../operation.js";
import { structuralKey } from "../structuralKey.js";
import { noteUntil } from "./beginnings.js";
import type { CasRegisterInput, CasRegisterOutput, RegisterValue } from "./casRegister.js";

/**
 * A value can be *shown* by a read, or found by a compare-and-set that succeeded or was lost; one that a
 * compare-and-set should have found, but did not, is *missed*. All other values are alike until they are overwritten.
 *
 * A lost operation matters if it makes a value that is shown, or takes away a missed one. Without it all other answers
 * stay what they were, except that lost compare-and-sets may have to be left out with it.
 */
export function casRegisterFocus(
  operations: readonly Operation<CasRegisterInput, CasRegisterOutput>[],
): Focus<RegisterValue, CasRegisterInput> {
  const shownUntil = new Map<RegisterValue, number>();
  const missedUntil = new Map<RegisterValue, number>();
  for (const { input, output, returnedAt } of operations) {
    if (output?.type === "read") noteUntil(shownUntil, output.value, returnedAt);
    if (input.type !== "cas") continue;
    const isMissed = output?.type === "cas" && !output.swapped;
    noteUntil(isMissed ? missedUntil : shownUntil, input.expected, returnedAt);
  }
  const isAnyOther = (value: RegisterValue): boolean => !shownUntil.has(value) && !missedUntil.has(value);
  const isTold = (untilByValue: ReadonlyMap<RegisterValue, number>, value: RegisterValue, now: number): boolean =>
    (untilByValue.get(value) ?? -Infinity) >= now;
  return {
    equals: (left, right) => left === right || (isAnyOther(left) && isAnyOther(right)),
    hash: (value) =>
      isAnyOther(value) ? "other" : value === null ? "nil" : typeof value === "number" ? value : `=${value}`,
    inputKey(input) {
      if (input.type === "read" || !isAnyOther(input.value)) return structuralKey(input) ?? "";
      return input.type === "write" ? "other" : `other after ${structuralKey(input.expected) ?? ""}`;
    },
    lostMatters: (before, after, _input, now) => isTold(shownUntil, after, now) || isTold(missedUntil, before, now),
  };
}
