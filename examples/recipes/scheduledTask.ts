import type { Recipes } from "@balsa/recipes";

/** Every night at three in Vienna, in one of the processes that call this. */
export function nightly(recipes: Recipes, clean: (fence: number, signal: AbortSignal) => Promise<void>) {
  return recipes.task(
    "cleaning",
    {
      cron: "0 3 * * *",
      timeZone: "Europe/Vienna",
      startWithinMs: 3_600_000,
      onFailure: "retry",
      onError: console.error,
    },
    ({ lease }) => clean(lease.fence, lease.signal),
  );
}

/** Every second, for those who don't want to wait until three. */
export function everySecond(recipes: Recipes, tick: (dueAt: Date) => Promise<void>) {
  return recipes.task("ticking", { cron: "* * * * * *", onError: console.error }, ({ dueAt }) => tick(dueAt));
}
