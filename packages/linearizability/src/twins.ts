import { at } from "./at.js";
import type { Defined } from "./defined.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";
import { structuralKey } from "./structuralKey.js";
import type { Timeline } from "./timeline.js";

export const NO_OPERATION = -1;

/** For each lossy operation the one before it in their order that has the same input. */
export function previousTwins<State extends Defined, Input, Output extends Defined>(
  model: Pick<Model<State, Input, Output>, "inputKey">,
  operations: readonly Operation<Input, Output>[],
  timeline: Timeline,
): Int32Array {
  const previous = new Int32Array(operations.length).fill(NO_OPERATION);
  const last = new Map<string | number, number>();
  for (const index of timeline.lossyInOrder) {
    const { input } = at(operations, index);
    const key = model.inputKey === undefined ? structuralKey(input) : model.inputKey(input);
    if (key === undefined) continue;
    previous[index] = last.get(key) ?? NO_OPERATION;
    last.set(key, index);
  }
  return previous;
}
