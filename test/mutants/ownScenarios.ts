/**
 * Scenarios, beside their seed, for rules that the swarm tests too seldom: each piles up what its rule is about. What they
 * leave out is as in `startHunt.ts`.
 */

/** Entries travel one by one, so that logs differ by a few all the time. */
export const FORKED_LOGS = {
  raft: { maxAppendEntries: 1 },
  workload: { ratePerSecond: 40 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash"], intensity: 5 },
};

/** Disks lag and fail, and so does all that rests on them. */
export const SLOW_DISKS = {
  workload: { ratePerSecond: 40 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash", "disk"], intensity: 5 },
};

export const CHURN = {
  nodes: 4,
  durationMs: 15_000,
  faults: { classes: ["network", "crash", "membership"], intensity: 6 },
};

/** Snapshots all the time, in many chunks, and no log behind them. */
export const SNAPSHOTS = {
  nodes: 3,
  raft: { logTailEntries: 0, snapshotChunkBytes: 64 },
  replica: { segmentBytes: 4_096, snapshotEveryBytes: 512 },
  workload: { ratePerSecond: 60 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash", "disk"], intensity: 5 },
};

/** Snapshots, and members that come and go. */
export const SNAPSHOTS_AND_CHURN = {
  ...SNAPSHOTS,
  faults: { classes: ["network", "crash", "membership"], intensity: 6 },
};

export const MANY_READS = {
  workload: { ratePerSecond: 20, readsPerCommand: 4 },
  durationMs: 15_000,
  faults: { classes: ["network", "crash"], intensity: 5 },
};

/** Many lease reads, while links are slow, leaders change, and clocks run apart within the bound. */
export const LEASES = {
  raft: { leaseReads: true, maxClockDriftRatio: 0.5, electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
  workload: { ratePerSecond: 60, readsPerCommand: 4, clients: 12, keys: 1 },
  durationMs: 15_000,
  faults: { classes: ["network", "crash", "clock", "membership"], intensity: 5 },
};
