import type { Recipes } from "@balsa/recipes";
import type { FencedStorage } from "./fencedStorage.js";

/** At most one process at a time writes, and one that stood still too long is refused. */
export async function writeAlone(recipes: Recipes, storage: FencedStorage, text: string): Promise<boolean> {
  const lock = recipes.lock("storage", { ttlMs: 5_000 });
  await using lease = await lock.acquire({ timeoutMs: 20_000 });
  return storage.write(text, lease.fence);
}

/** At most three at a time call a service that bears no more. */
export async function callGently<T>(recipes: Recipes, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const semaphore = recipes.semaphore("calls", 3, { ttlMs: 5_000 });
  return await semaphore.use((lease) => call(lease.signal), { timeoutMs: 20_000 });
}
