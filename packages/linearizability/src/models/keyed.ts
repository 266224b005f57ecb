import type { Defined } from "../defined.js";
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
  const { hash, isReadOnly, inputKey, focus, describe } = model;
  return {
    init: () => model.init(),
    step: (state, { input }, output) => model.step(state, input, output),
    equals: (left, right) => model.equals(left, right),
    partition: ({ key }) => key,
    ...(hash && { hash: (state: State) => hash.call(model, state) }),
    ...(isReadOnly && {
      isReadOnly: ({ input }: KeyedInput<Input>, output: Output | undefined) => isReadOnly.call(model, input, output),
    }),
    ...(inputKey && { inputKey: ({ input }: KeyedInput<Input>) => inputKey.call(model, input) }),
    ...(focus && {
      focus(operations: readonly Operation<KeyedInput<Input>, Output>[]) {
        return focusOnInput(
          focus.call(
            model,
            operations.map((operation) => ({ ...operation, input: operation.input.input })),
          ),
        );
      },
    }),
    describe: ({ key, input }, output) =>
      `${JSON.stringify(key)}: ${describe?.call(model, input, output) ?? JSON.stringify([input, output])}`,
  };
}

function focusOnInput<State extends Defined, Input>(focus: Focus<State, Input>): Focus<State, KeyedInput<Input>> {
  const { inputKey, lostMatters, ...ofStates } = focus;
  return {
    ...ofStates,
    ...(inputKey && { inputKey: ({ input }: KeyedInput<Input>) => inputKey.call(focus, input) }),
    ...(lostMatters && {
      lostMatters: (before: State, after: State, { input }: KeyedInput<Input>, now: number) =>
        lostMatters.call(focus, before, after, input, now),
    }),
  };
}
