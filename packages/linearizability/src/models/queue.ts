import type { Model } from "../model.js";
import { FifoQueue } from "./fifoQueue.js";

export type QueueValue = string | number;

export type QueueInput = { readonly type: "enqueue"; readonly value: QueueValue } | { readonly type: "dequeue" };

export type QueueOutput =
  | { readonly type: "enqueued" }
  /** What was at the front; null where the queue was empty. */
  | { readonly type: "dequeued"; readonly value: QueueValue | null };

/** First in, first out; empty at first. */
export const queue: Model<FifoQueue, QueueInput, QueueOutput> = {
  init: () => FifoQueue.EMPTY,
  step(held, input, output) {
    if (input.type === "enqueue") {
      return output === undefined || output.type === "enqueued" ? held.enqueue(input.value) : undefined;
    }
    const front = held.front;
    if (output !== undefined && (output.type !== "dequeued" || output.value !== front)) return undefined;
    return front === null ? held : held.dequeue();
  },
  equals: (left, right) => left.equals(right),
  hash: (held) => held.hash,
  isReadOnly: (input, output) => input.type === "dequeue" && output?.type === "dequeued" && output.value === null,
  focus(operations) {
    // What no answer shows can as well have stayed away, with the lost dequeue that took it, if there was one.
    const shown = new Set<QueueValue | null>();
    for (const { output } of operations) if (output?.type === "dequeued") shown.add(output.value);
    return { lostMatters: (_before, _after, input) => input.type === "dequeue" || shown.has(input.value) };
  },
  describe(input, output) {
    const question = input.type === "enqueue" ? `enqueue ${JSON.stringify(input.value)}` : "dequeue";
    if (output === undefined) return `${question} → unknown`;
    return `${question} → ${output.type === "enqueued" ? "ok" : output.value === null ? "empty" : JSON.stringify(output.value)}`;
  },
};
