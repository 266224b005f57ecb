/** Turns values into bytes and back. `decode` throws where the bytes are none of its own. */
export interface Codec<Value> {
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

/**
 * A deterministic machine that every member runs over the same commands in the same order. No method may look at a clock,
 * draw a random number or do I/O. An `apply` that throws stops the node, for nobody knows what state it left behind: a
 * command that makes no sense must give a result that says so.
 */
export interface TypedStateMachine<Command, Result> {
  /**
   * `clusterTimeMs` is the time of the replicated clock at which the leader proposed the command: the same on every member,
   * never falling, and passing only while somebody leads.
   */
  apply(command: Command, clusterTimeMs: number): Result;
  /** The whole state as a value that later commands don't change. It is encoded bit by bit, or at once, after that. */
  snapshot(): unknown;
  /** Puts what `snapshot` gave in place of the state. */
  restore(state: never): void;
  /** Answers a question of a client that is no member, without changing anything. Default: no questions are answered. */
  query?(question: never): unknown;
  /** Default of each: JSON. */
  readonly commandCodec?: Codec<Command>;
  readonly resultCodec?: Codec<Result>;
  readonly stateCodec?: Codec<never>;
  readonly questionCodec?: Codec<never>;
  readonly answerCodec?: Codec<never>;
}
