import type { MemberOptions } from "@balsa/node";
import { openCounter } from "./counter.js";

type CounterNode = Awaited<ReturnType<typeof openCounter>>;

/** Opens a node that founds nothing: it waits until the cluster of `members` takes it in. */
export function openJoiner(options: MemberOptions) {
  return openCounter({ ...options, join: true });
}

/** Puts a new node, opened with `join: true`, in the place of one that is lost. To be called on the leader. */
export async function replaceLost(leader: CounterNode, lost: string, id: string, address: string): Promise<void> {
  await leader.reconfigure({ type: "replace", replaced: lost, id, address }, { timeoutMs: 60_000 });
}
