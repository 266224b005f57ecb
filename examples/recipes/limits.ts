import type { Recipes } from "@balsa/recipes";

/** Ten requests at once and five a second after that, for each customer and over all processes. */
export async function admit(recipes: Recipes, customer: string): Promise<number> {
  const limiter = recipes.rateLimiter("requests", { capacity: 10, perSecond: 5 });
  const { retryAfterMs } = await limiter.take(customer);
  return retryAfterMs; // 0: go on
}

/** Sells no more seats than there are. */
export async function sell(recipes: Recipes, seats: number): Promise<boolean> {
  const { added } = await recipes.counter("sold").add(seats, { most: 100 });
  return added;
}
