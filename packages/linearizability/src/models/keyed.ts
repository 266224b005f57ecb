import type { Defined } from "../defined.js";
import { focusOn } from "../focusOn.js";
import type { Focus, Model } from "../model.js";
import type { Operation } from "../operation.js";

export interface KeyedInput<Input> {
  readonly key: string;
  readonly input: Input;
}

/**
 * Many objects of one kind, each under a key of its own; no operation touches more than one. The model's own
 * `partition` is not used, so its state must be that of the whole object; that of `keyValue` is not, and has keys anyway.
 */
export function keyed<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
): Model<State, KeyedInput<Input>, Output> {
  return {
    init: () => model.init(),
    step: (state, { input }, output) => model.step(state, input, output),
    equals: (left, right) => model.equals(left, right),
    partition: ({ key }) => key,
    isReadOnly: ({ input }, output) => model.isReadOnly?.(input, output) === true,
    focus: (operations) => focusOnInput(model, operations),
    describe: ({ key, input }, output) =>
      `${JSON.stringify(key)}: ${model.describe?.(input, output) ?? JSON.stringify([input, output])}`,
  };
}

function focusOnInput<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<KeyedInput<Input>, Output>[],
): Focus<State, KeyedInput<Input>> {
  const ofInputs = operations.map((operation) => ({ ...operation, input: operation.input.input }));
  const { inputKey, lostMatters, ...ofStates } = focusOn(model, ofInputs);
  return {
    ...ofStates,
    ...(inputKey && { inputKey: ({ input }) => inputKey(input) }),
    lostMatters: (before, after, { input }, now) => lostMatters(before, after, input, now),
  };
}
