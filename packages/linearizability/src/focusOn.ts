import type { Defined } from "./defined.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";

/** A focus on its own, without the model. */
export interface FullFocus<State extends Defined, Input> {
  readonly equals: (left: State, right: State) => boolean;
  readonly hash?: (state: State) => string | number;
  readonly inputKey?: (input: Input) => string | number;
  readonly lostMatters: (before: State, after: State, input: Input, now: number) => boolean;
}

/** The model's focus on a part, and where it says nothing, what the model says. */
export function focusOn<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): FullFocus<State, Input> {
  return {
    equals: (left, right) => model.equals(left, right),
    ...(model.hash && { hash: model.hash.bind(model) }),
    ...(model.inputKey && { inputKey: model.inputKey.bind(model) }),
    lostMatters: () => true,
    ...model.focus?.(operations),
  };
}
