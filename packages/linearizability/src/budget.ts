/** How much work a check may do before it gives up with the verdict "unknown". */
export interface Budget {
  /**
   * Search configurations visited in one partition; default 2,000,000. They are remembered, at 20 to 40 bytes each
   * with up to 32 operations open at a time, besides the states themselves.
   */
  readonly maxStates?: number;
  /** Asked before each partition and about every thousand configurations; true gives up. This is the place for a limit of time. */
  readonly shouldStop?: () => boolean;
}

export const DEFAULT_MAX_STATES = 2_000_000;
