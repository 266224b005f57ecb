import type { Model } from "../model.js";
import { ElementSet } from "./elementSet.js";

export type SetElement = string | number;

export type SetInput =
  | { readonly type: "add" | "remove" | "contains"; readonly element: SetElement }
  /** All elements. */
  | { readonly type: "read" };

export type SetOutput =
  /** Of add and remove; whether that changed the set, or null where the answer doesn't tell. */
  | { readonly type: "done"; readonly changed: boolean | null }
  | { readonly type: "contains"; readonly found: boolean }
  /** In any order. */
  | { readonly type: "read"; readonly elements: readonly SetElement[] };

/** A set, empty at first. A history without `read` is checked element by element. */
export const set: Model<ElementSet, SetInput, SetOutput> = {
  init: () => ElementSet.EMPTY,
  step(elements, input, output) {
    switch (input.type) {
      case "add":
      case "remove": {
        const changed = elements.has(input.element) === (input.type === "remove");
        if (output !== undefined && (output.type !== "done" || (output.changed ?? changed) !== changed))
          return undefined;
        return changed ? elements.toggle(input.element) : elements;
      }
      case "contains": {
        const found = elements.has(input.element);
        return output === undefined || (output.type === "contains" && output.found === found) ? elements : undefined;
      }
      case "read":
        return output === undefined || (output.type === "read" && elements.consistsOf(output.elements))
          ? elements
          : undefined;
    }
  },
  equals: (left, right) => left.equals(right),
  hash: (elements) => elements.hash,
  partition: (input) => (input.type === "read" ? null : JSON.stringify(input.element)),
  isReadOnly: (input, output) =>
    input.type === "read" || input.type === "contains" || (output?.type === "done" && output.changed === false),
  focus(operations) {
    // An element that no answer shows can as well have stayed away, unless somebody else's answer speaks of it.
    const spokenOf = new Set<SetElement>();
    for (const { input, output } of operations) {
      if (output?.type === "read") output.elements.forEach((element) => spokenOf.add(element));
      else if (output !== undefined && input.type !== "read") spokenOf.add(input.element);
    }
    return { lostMatters: (_before, _after, input) => input.type === "read" || spokenOf.has(input.element) };
  },
  describe: (input, output) =>
    `${input.type === "read" ? "read" : `${input.type} ${JSON.stringify(input.element)}`} → ${describeOutput(output)}`,
};

function describeOutput(output: SetOutput | undefined): string {
  switch (output?.type) {
    case undefined:
      return "unknown";
    case "done":
      return output.changed === false ? "unchanged" : "ok";
    case "contains":
      return output.found ? "yes" : "no";
    case "read":
      return JSON.stringify(output.elements);
  }
}
