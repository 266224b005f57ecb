import type { Model } from "../model.js";

export type LockOwner = string | number;

export interface LockInput {
  readonly type: "acquire" | "release";
  readonly owner: LockOwner;
}

/** Whether the owner got the lock, or had it to give back. */
export interface LockOutput {
  readonly done: boolean;
}

/**
 * A lock that one owner holds at a time; the state is who does, null at first. To acquire it succeeds where nobody
 * holds it, not even the same owner; to release it succeeds for whoever holds it.
 */
export const lock: Model<LockOwner | null, LockInput, LockOutput> = {
  init: () => null,
  step(holder, input, output) {
    const done = input.type === "acquire" ? holder === null : holder === input.owner;
    if (output !== undefined && output.done !== done) return undefined;
    if (!done) return holder;
    return input.type === "acquire" ? input.owner : null;
  },
  equals: (left, right) => left === right,
  isReadOnly: (_, output) => output?.done === false,
  describe(input, output) {
    const answer = output === undefined ? "unknown" : output.done ? "ok" : "refused";
    return `${input.type} by ${JSON.stringify(input.owner)} → ${answer}`;
  },
};
