import type { JobReign } from "./leaderOnlyJob.js";
import type { Lease } from "./lease.js";
import type { RecipeCaller, CallOptions } from "./recipeCaller.js";
import { DistributedSemaphore, type LeaseOptions, type SemaphoreStatus } from "./semaphore.js";

/** At most one holds it at a time, and they get it in the order in which they asked. */
export class DistributedLock {
  readonly #semaphore: DistributedSemaphore;

  /** @internal */
  constructor(caller: RecipeCaller, what: string, options: LeaseOptions, newToken: () => string) {
    this.#semaphore = new DistributedSemaphore(caller, what, 1, options, newToken);
  }

  /** Waits for its turn. @throws RecipeError `TIMED_OUT` or `TOO_MANY_WAIT`; RefusedError; the signal's reason */
  acquire(options: CallOptions = {}): Promise<Lease> {
    return this.#semaphore.acquire(options);
  }

  /** Takes it if it is free and nobody waits for it; null otherwise. @throws RefusedError */
  tryAcquire(options: CallOptions = {}): Promise<Lease | null> {
    return this.#semaphore.tryAcquire(options);
  }

  /** Holds it while `work` goes on, which must end when the lease's signal is aborted. */
  use<T>(work: (lease: Lease) => Promise<T>, options: CallOptions = {}): Promise<T> {
    return this.#semaphore.use(work, options);
  }

  /** Who holds it, and who waits for it. */
  status(options: CallOptions = {}): Promise<SemaphoreStatus> {
    return this.#semaphore.status(options);
  }

  /**
   * Takes it again and again, for as long as it can be had each time: what `LeaderOnlyJob` needs in a program that is no
   * member. The one before is released when the next is asked for.
   */
  async *leadership({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<JobReign> {
    const isOver = (): boolean => signal?.aborted === true;
    while (!isOver()) {
      let lease: Lease;
      try {
        lease = await this.acquire({ timeoutMs: Infinity, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        if (isOver()) return;
        throw error;
      }
      const release = (): void => void lease.release().catch(() => undefined); // it expires all the same
      signal?.addEventListener("abort", release, { once: true });
      try {
        yield { term: lease.fence, signal: lease.signal };
      } finally {
        signal?.removeEventListener("abort", release);
        release();
      }
    }
  }
}
