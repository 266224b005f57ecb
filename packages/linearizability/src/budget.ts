/** How much work a check may do before it gives up with the verdict "unknown". */
export interface Budget {
  /** Search configurations visited in one partition; default 2,000,000. */
  readonly maxStates?: number;
  /**
   * Bytes that the search of one partition may hold; default 512 MiB. Counted are the configurations remembered (20 to
   * 40 bytes each with up to 32 operations open at a time, and one bit more for each further one), the tables over
   * them, the path under way, and the distinct states: a string by its length, anything else as 64 bytes.
   */
  readonly maxMemoryBytes?: number;
  /** Asked before each partition and about every thousand configurations; true gives up. This is the place for a limit of time. */
  readonly shouldStop?: () => boolean;
}

/** What a check ran out of. */
export type SpentBudget = "states" | "memory" | "time";

export const DEFAULT_MAX_STATES = 2_000_000;
export const DEFAULT_MAX_MEMORY_BYTES = 512 * 1_048_576;
