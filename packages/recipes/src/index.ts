export { RefusedError, type RefusalCode } from "@balsa/replica";
export { DistributedCounter, type AddOptions } from "./counter.js";
export { LeaderOnlyJob, type JobReign, type LeaderOnlyJobOptions, type LeadershipSource } from "./leaderOnlyJob.js";
export type { Lease } from "./lease.js";
export { DistributedLock } from "./lock.js";
export { MalformedError } from "./machine/json.js";
export { RecipesMachine } from "./machine/recipesMachine.js";
export { MapCache, type FreshnessOptions } from "./mapCache.js";
export { RateLimiter, type RateLimit, type Taken } from "./rateLimiter.js";
export type { CallOptions } from "./recipeCaller.js";
export type { RecipeClock } from "./recipeClock.js";
export { RecipeError, type RecipeErrorCode } from "./recipeError.js";
export { Recipes, type RecipesEnvironment } from "./recipes.js";
export type { RecipeNode, RecipeStore, StoreOptions, StoreReadOptions } from "./recipeStore.js";
export {
  ReplicatedMap,
  type ChangesOptions,
  type MapChange,
  type MapEntry,
  type WriteOptions,
  type Written,
} from "./replicatedMap.js";
export { ScheduledTask, type Occurrence, type ScheduledTaskOptions } from "./scheduledTask.js";
export { DistributedSemaphore, type LeaseOptions, type SemaphoreStatus } from "./semaphore.js";
export {
  WorkQueue,
  type ConsumeOptions,
  type DeadMessage,
  type Delivery,
  type QueueStatus,
  type SendOptions,
  type WorkQueueOptions,
} from "./workQueue.js";
