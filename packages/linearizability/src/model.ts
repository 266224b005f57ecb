import type { Defined } from "./defined.js";
import type { Operation } from "./operation.js";

/**
 * A sequential specification: what one copy of the object, used by one client at a time, would do.
 *
 * It must be deterministic: state and input alone decide the next state, and the output is only compared. `State` is
 * treated as a value, so `step` returns a new one and leaves the old as it was. Neither a state nor an output can be
 * `undefined`, which stands for a refusal and for an unknown answer.
 *
 * `init`, `step` and `equals` are all that is needed. The rest makes a check faster, or its report more readable; a
 * wrong `partition`, `isReadOnly`, `inputKey` or `focus` makes verdicts wrong, a wrong `hash` only makes them slow.
 */
export interface Model<State extends Defined, Input, Output extends Defined> {
  init(): State;
  /**
   * The state after `input`, or undefined where this state could not have answered `output`. With `output` undefined
   * the answer is not known, and nothing is refused on its account.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Whether two states behave alike for ever. */
  equals(left: State, right: State): boolean;
  /**
   * Equal states must have equal hashes. By default one is made of the state's content, which is right for numbers,
   * strings, plain objects, arrays, maps and sets.
   */
  hash?(state: State): string | number;
  /**
   * Names the independent part of the object that the input touches, such as the key of a key-value store. Each part
   * is then checked on its own, starting from `init()`, which is far cheaper and loses nothing: a history is
   * linearizable exactly if its parts are (Herlihy & Wing 1990, §3.1). An input that touches more than one part has
   * null; a history with such an input is checked as a whole.
   */
  partition?(input: Input): string | null;
  /**
   * Whether an operation with this input and output leaves *every* state that allows it unchanged; with `output`
   * undefined, whether it does so whatever it answers. Such operations need no branching in the search.
   */
  isReadOnly?(input: Input, output: Output | undefined): boolean;
  /**
   * Names the input: inputs with the same key do the same in every state. Of several lost operations with the same
   * key the search then tries only one. By default inputs of plain data are named by their content, others not at all.
   */
  inputKey?(input: Input): string | number;
  /**
   * Given all operations of a part, a closer look at what can be told apart in this part, and at which lost operations
   * can matter there. With many lost operations it decides whether a check ends.
   */
  focus?(operations: readonly Operation<Input, Output>[]): Focus<State, Input>;
  /** One operation as a person would write it, for `explain` and for pictures. */
  describe?(input: Input, output: Output | undefined): string;
}

/** What holds for the operations of one part; what is left out is as in the model. */
export interface Focus<State extends Defined, Input> {
  /** Whether two states behave alike for ever towards the operations of this part, with the answers that they got. */
  equals?(left: State, right: State): boolean;
  hash?(state: State): string | number;
  /** Inputs with the same key lead every state to equal ones. */
  inputKey?(input: Input): string | number;
  /**
   * False where a lost operation that takes the object from `before` to `after` can be left out of any order that
   * explains the answers, perhaps together with other lost ones; those of operations that returned before `now` are
   * explained already.
   */
  lostMatters?(before: State, after: State, input: Input, now: number): boolean;
}
