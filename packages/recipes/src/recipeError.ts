/**
 * `TIMED_OUT`: it did not come to pass in the time that was given. `LEASE_LOST`: what was held is not held any more, or can't
 * be proven to be. `PERMITS_DIFFER`: others use the semaphore with another number of permits. `TOO_MANY_WAIT`: as many wait
 * for it as may. `HISTORY_FORGOTTEN`: changes since that revision are not remembered; read the map anew. `QUEUE_FULL`: it
 * holds as many messages as it may. `BAD_CRON`: the expression, or the time zone, is none.
 */
export type RecipeErrorCode =
  "TIMED_OUT" | "LEASE_LOST" | "PERMITS_DIFFER" | "TOO_MANY_WAIT" | "HISTORY_FORGOTTEN" | "QUEUE_FULL" | "BAD_CRON";

/** What a recipe could not do. What the cluster refused comes as `RefusedError` of `@balsa/node` and `@balsa/client`. */
export class RecipeError extends Error {
  override readonly name = "RecipeError";
  readonly code: RecipeErrorCode;

  constructor(code: RecipeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
