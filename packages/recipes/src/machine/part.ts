import type { Json, JsonObject } from "./json.js";

/** What one answer holds of values that others have put in, unless a single one is larger: it must fit into a message. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** When a command is applied: the same on every member. */
export interface Moment {
  /** Commands of the whole machine that were applied by now, this one included. */
  readonly revision: number;
  /** How long the command is. */
  readonly bytes: number;
  /** The replicated clock's time. */
  readonly nowMs: number;
  /** A number above all that were drawn before, in the whole machine: so a part may be forgotten, and its fences still rise. */
  readonly newFence: () => number;
}

/**
 * One named thing in the machine: a lock, a map, a queue. What it holds are plain values that are replaced, and never
 * changed, so that a copy of the list of them is a copy of all.
 */
export interface Part {
  /** @throws MalformedError before anything has changed */
  apply(command: JsonObject, moment: Moment): Json;
  /** @throws MalformedError */
  query(question: JsonObject, moment: Moment): Json;
  /** Whether a new part would do the same from now on: then it need not be kept. */
  readonly isForgettable: boolean;
  /** All that it holds, as of now. */
  capture(): Iterable<Json>;
  /** Takes what `capture` gave, one by one. @throws MalformedError */
  restore(record: Json): void;
}
