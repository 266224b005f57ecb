import type { Focus } from "../model.js";
import type { Operation } from "../operation.js";
import { structuralKey } from "../structuralKey.js";
import { Beginnings, noteUntil } from "./beginnings.js";
import type { KeyValueInput, KeyValueOutput } from "./keyValue.js";

/**
 * A value can be *shown* by a get, or found by a compare-and-set that succeeded or was lost; one that a compare-and-set
 * should have found, but did not, is *missed*. Appends may follow, so what begins such a value counts, too. All other
 * values are alike until they are overwritten: no answer tells them apart.
 *
 * A lost operation matters if it makes a value that is shown, or takes away what begins a missed one. Without it all
 * other answers stay what they were, except that lost compare-and-sets may have to be left out with it.
 */
export function keyValueFocus(
  operations: readonly Operation<KeyValueInput, KeyValueOutput>[],
): Focus<string | null, KeyValueInput> {
  const shownUntil = new Map<string, number>();
  const missedUntil = new Map<string, number>();
  let absenceMissedUntil = -Infinity;
  let anyMissedUntil = -Infinity;
  for (const { input, output, returnedAt } of operations) {
    if (output?.type === "value" && output.value !== null) noteUntil(shownUntil, output.value, returnedAt);
    if (input.type !== "compareAndSet") continue;
    if (output?.type !== "compared" || output.swapped) {
      if (input.expected !== null) noteUntil(shownUntil, input.expected, returnedAt);
    } else {
      const until = returnedAt ?? Infinity;
      anyMissedUntil = Math.max(anyMissedUntil, until);
      if (input.expected === null) absenceMissedUntil = Math.max(absenceMissedUntil, until);
      else noteUntil(missedUntil, input.expected, returnedAt);
    }
  }
  const shown = new Beginnings(shownUntil);
  const missed = new Beginnings(missedUntil);
  const isAnyOther = (value: string | null): boolean =>
    value !== null && !shown.has(value, -Infinity) && !missed.has(value, -Infinity);
  return {
    equals: (left, right) => left === right || (isAnyOther(left) && isAnyOther(right)),
    hash: (value) => (value === null ? 0 : isAnyOther(value) ? 1 : value),
    inputKey(input) {
      const makesAnyOther =
        (input.type === "put" && isAnyOther(input.value)) ||
        (input.type === "append" && !shown.holds(input.value) && !missed.holds(input.value));
      return makesAnyOther ? 1 : (structuralKey(input) ?? "");
    },
    lostMatters: (before, after, _input, now) =>
      after === null ||
      shown.has(after, now) ||
      // Appended to nothing, a text can become any missed one.
      (before === null ? Math.max(absenceMissedUntil, anyMissedUntil) >= now : missed.has(before, now)),
  };
}
