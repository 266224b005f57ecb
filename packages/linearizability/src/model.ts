import type { Defined } from "./defined.js";

/**
 * A sequential specification: what one copy of the object, used by one client at a time, would do.
 *
 * It must be deterministic: state and input alone decide the next state, and the output is only compared. `State` is
 * treated as a value, so `step` returns a new one and leaves the old as it was. Neither a state nor an output can be
 * `undefined`, which stands for a refusal and for an unknown answer.
 */
export interface Model<State extends Defined, Input, Output extends Defined> {
  init(): State;
  /**
   * The state after `input`, or undefined where this state could not have answered `output`. With `output` undefined
   * the answer is not known, and nothing is refused on its account.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Names the state: two states with the same key must behave alike for ever. A cheap key makes a fast check. */
  key(state: State): string | number;
  /**
   * Names the independent part of the object that the input touches, such as the key of a key-value store. Each part
   * is then checked on its own, starting from `init()`, which is far cheaper and loses nothing: a history is
   * linearizable exactly if its parts are (Herlihy & Wing 1990, §3.1).
   */
  partition?(input: Input): string;
  /**
   * Whether an operation with this input and output leaves *every* state that allows it unchanged; with `output`
   * undefined, whether it does so whatever it answers. Such operations need no branching in the search.
   */
  isReadOnly?(input: Input, output: Output | undefined): boolean;
  /**
   * Names the input: inputs with the same key do the same in every state. Of several lost operations with the same
   * key the search then tries only one.
   */
  inputKey?(input: Input): string | number;
  /** One operation as a person would write it, for `explain`. */
  describe?(input: Input, output: Output | undefined): string;
}
