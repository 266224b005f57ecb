import type { MapChange, Recipes } from "@balsa/recipes";

interface Flag {
  readonly enabled: boolean;
}

/** Sets a flag, and reads it from a copy that shows at least this write. */
export async function setAndSee(recipes: Recipes, name: string, enabled: boolean, signal: AbortSignal) {
  const flags = recipes.map<Flag>("flags");
  const cache = await flags.cache({ signal });
  const { revision } = await flags.set(name, { enabled });
  return cache.get(name, { atLeastRevision: revision });
}

/** Turns a flag over; nobody's change in between is lost. */
export async function toggle(recipes: Recipes, name: string): Promise<boolean> {
  const flags = recipes.map<Flag>("flags");
  for (;;) {
    const found = await flags.get(name);
    const enabled = !(found?.value.enabled ?? false);
    const { done } = await flags.set(name, { enabled }, { ifRevision: found?.revision ?? 0 });
    if (done) return enabled;
  }
}

/** Hears of every change after a revision, each once and in order. */
export async function* follow(recipes: Recipes, after: number, signal: AbortSignal): AsyncGenerator<MapChange<Flag>> {
  yield* recipes.map<Flag>("flags").changes({ after, signal });
}
