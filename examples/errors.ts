import { RefusedError } from "@balsa/node";
import type { openCounter } from "./counter.js";

type CounterNode = Awaited<ReturnType<typeof openCounter>>;

export async function addOrExplain(node: CounterNode, add: number): Promise<string> {
  try {
    return `the total is ${String(await node.propose({ add }, { timeoutMs: 2_000 }))}`;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.code === "UNKNOWN_OUTCOME") return "it may have been added: look before you add it again";
    return `it was not added: ${error.code}`; // every other code says that nothing was done
  }
}
