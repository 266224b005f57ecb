/**
 * What the log is for: a deterministic machine that every member runs over the same commands in the same order.
 *
 * No method may look at a clock, draw a random number or do I/O: what the machine does must follow from its state, the
 * command and the time that comes with it alone. A command that makes no sense must give a result that says so, not throw.
 */
export interface StateMachine {
  /**
   * Applies commands in order and gives a result for each. The times are those of the replicated clock, one for each
   * command: whole milliseconds that never fall, and that pass only while somebody leads. They are part of the log, so that
   * leases and expiry may go by them.
   */
  apply(commands: readonly Uint8Array[], clusterTimesMs: readonly number[]): readonly Uint8Array[];
  /** Answers a question without changing anything. */
  query(question: Uint8Array): Uint8Array;
  /** Captures the state of this instant at once; later commands don't show in it. */
  snapshot(): SnapshotSource;
  /** Begins to replace the state; it takes effect when the sink's `finish` returns. */
  restore(): SnapshotSink;
}

/** The bytes of a captured state, read out bit by bit. */
export interface SnapshotSource {
  /** The next bytes, about `maxBytes` at the most (always at least one byte), or null at the end. */
  read(maxBytes: number): Uint8Array | null;
  /** Frees what the capture holds. */
  release(): void;
}

/** Takes the bytes of a snapshot in order, in chunks of any size. */
export interface SnapshotSink {
  write(chunk: Uint8Array): void;
  /** Puts the new state in place. Throws where the bytes make no sense, and leaves the old state as it was. */
  finish(): void;
}
