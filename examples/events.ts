import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { openCounter } from "./counter.js";

type CounterNode = Awaited<ReturnType<typeof openCounter>>;

/** The terms in which somebody was elected, as this node hears of them. */
export async function* elections(node: CounterNode, signal: AbortSignal): AsyncGenerator<number> {
  for await (const event of node.events({ signal })) {
    if (event.type === "leaderElected") yield event.term;
  }
}

/** Hears of every node in this process. Returns what ends that. */
export function watchProcess(hear: (message: unknown) => void): () => void {
  const listener = (message: unknown): void => {
    hear(message);
  };
  subscribe("balsa:node:event", listener);
  return () => unsubscribe("balsa:node:event", listener);
}
