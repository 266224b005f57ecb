import type { Reign } from "@balsa/node";
import type { openCounter } from "./counter.js";

type CounterNode = Awaited<ReturnType<typeof openCounter>>;

/** Runs the job on whichever node leads, and nowhere else. Ends when `signal` is aborted or the node is closed. */
export async function runWhileLeading(
  node: CounterNode,
  job: (reign: Reign) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for await (const reign of node.leadership({ signal })) {
    await job(reign); // must end when reign.signal is aborted, and fence what it writes with reign.term
  }
}
