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

/** Half of the members is no majority. */
export const EVEN = {
  nodes: 4,
  workload: { ratePerSecond: 5 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash"], intensity: 6 },
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

/** Few snapshots, whose pieces come late, twice and in any order. */
export const SNAPSHOTS_IN_PIECES = {
  ...SNAPSHOTS,
  workload: { ratePerSecond: 20 },
  durationMs: 5_000,
  faults: { classes: ["network", "crash"], intensity: 10 },
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

/** Nothing but elections, which nobody holds up. */
export const ELECTIONS = {
  nodes: 3,
  raft: { preVote: false, leaderStickiness: false, checkQuorum: false },
  workload: { ratePerSecond: 5 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash", "disk"], intensity: 8 },
};

/** One member alone is its own majority. */
export const ALONE = {
  nodes: 1,
  workload: { ratePerSecond: 100 },
  durationMs: 10_000,
  faults: { classes: ["crash", "disk"], intensity: 6 },
};

/** One-way links and early elections, so that members disagree about who leads. */
export const CHURN_WITHOUT_PRE_VOTE = {
  nodes: 4,
  raft: { preVote: false, leaderStickiness: false, checkQuorum: false },
  durationMs: 15_000,
  faults: { classes: ["network", "crash", "membership"], intensity: 8 },
};

/** And many elections, before a change has ended. */
export const HURRIED_CHURN = {
  ...CHURN_WITHOUT_PRE_VOTE,
  raft: { ...CHURN_WITHOUT_PRE_VOTE.raft, electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
  faults: { ...CHURN_WITHOUT_PRE_VOTE.faults, intensity: 10 },
};

/** Leaders that are cut off while everybody asks them. */
export const LEASES_CUT_OFF = {
  raft: { leaseReads: true },
  workload: { ratePerSecond: 40, readsPerCommand: 3 },
  durationMs: 20_000,
  faults: { classes: ["network", "crash"], intensity: 6 },
};

/** Bits that rot in long logs. */
export const ROT = {
  workload: { ratePerSecond: 100 },
  durationMs: 10_000,
  faults: {
    classes: ["disk", "crash"],
    intensity: 5,
    shares: { diskError: 0, fullDisk: 0, diskStall: 0, clusterCrash: 0 },
  },
};
