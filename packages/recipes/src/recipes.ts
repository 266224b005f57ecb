import type { RecipeKind } from "./machine/recipesMachine.js";
import { DistributedCounter } from "./counter.js";
import { DistributedLock } from "./lock.js";
import { RateLimiter, type RateLimit } from "./rateLimiter.js";
import { RecipeCaller } from "./recipeCaller.js";
import { SYSTEM_CLOCK, type RecipeClock } from "./recipeClock.js";
import { storeOfNode, type RecipeNode, type RecipeStore } from "./recipeStore.js";
import { ReplicatedMap } from "./replicatedMap.js";
import { ScheduledTask, type Occurrence, type ScheduledTaskOptions } from "./scheduledTask.js";
import { DistributedSemaphore, type LeaseOptions } from "./semaphore.js";
import { WorkQueue, type WorkQueueOptions } from "./workQueue.js";

/** What the recipes take from this process, where it is not to be the usual. */
export interface RecipesEnvironment {
  readonly clock?: RecipeClock;
  /** A text that nobody else comes up with. Default: a random UUID. */
  readonly newToken?: () => string;
}

/** All that the recipes' machine offers, by name: everybody who uses a name uses the same thing. */
export class Recipes {
  readonly #store: RecipeStore;
  readonly #clock: RecipeClock;
  readonly #newToken: () => string;

  private constructor(store: RecipeStore, environment: RecipesEnvironment) {
    this.#store = store;
    this.#clock = environment.clock ?? SYSTEM_CLOCK;
    this.#newToken = environment.newToken ?? (() => crypto.randomUUID());
  }

  /** In a member: of a `RaftNode` whose `bytesStateMachine` is a `RecipesMachine`. */
  static onNode(node: RecipeNode, environment: RecipesEnvironment = {}): Recipes {
    return new Recipes(storeOfNode(node), environment);
  }

  /** In a program that is no member: with a `RaftClient` of `@balsa/client`. */
  static onClient(client: RecipeStore, environment: RecipesEnvironment = {}): Recipes {
    return new Recipes(client, environment);
  }

  lock(name: string, options: LeaseOptions = {}): DistributedLock {
    return new DistributedLock(this.#caller("semaphore", name), `the lock ${name}`, options, this.#newToken);
  }

  semaphore(name: string, permits: number, options: LeaseOptions = {}): DistributedSemaphore {
    const caller = this.#caller("semaphore", name);
    return new DistributedSemaphore(caller, `the semaphore ${name}`, permits, options, this.#newToken);
  }

  map<Value>(name: string): ReplicatedMap<Value> {
    return new ReplicatedMap<Value>(this.#caller("map", name));
  }

  counter(name: string): DistributedCounter {
    return new DistributedCounter(this.#caller("counter", name));
  }

  rateLimiter(name: string, limit: RateLimit): RateLimiter {
    return new RateLimiter(this.#caller("limiter", name), limit);
  }

  queue<Body>(name: string, options: WorkQueueOptions = {}): WorkQueue<Body> {
    return new WorkQueue<Body>(this.#caller("queue", name), options, this.#newToken);
  }

  /** @throws RecipeError `BAD_CRON` */
  task(name: string, options: ScheduledTaskOptions, work: (occurrence: Occurrence) => Promise<void>): ScheduledTask {
    return new ScheduledTask(this.#caller("task", name), `the task ${name}`, options, work, this.#newToken);
  }

  #caller(kind: RecipeKind, name: string): RecipeCaller {
    return new RecipeCaller(this.#store, this.#clock, kind, name);
  }
}
