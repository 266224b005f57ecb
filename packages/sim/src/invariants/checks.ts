/** Everything a run is checked for. The names appear in reports. */
export const CHECK_NAMES = [
  /** At most one leader in a term (§5.2). */
  "electionSafety",
  /** A leader never cuts or overwrites its own log (§5.3). */
  "leaderAppendOnly",
  /** Logs that agree on an entry agree on all before it (§5.3). */
  "logMatching",
  /** An index is never used twice within a term. */
  "indexNotReused",
  /** What was ever committed is in the log of every later leader (§5.4). */
  "leaderCompleteness",
  /** All members apply the same commands, with the same results, in the same order (§5.4.3). */
  "stateMachineSafety",
  "commitNeverFalls",
  /** A leader commits only entries of its own term by counting (§5.4.2). */
  "commitOwnTermOnly",
  /** What is committed is on a majority, of both halves while joint. */
  "commitOnQuorum",
  "committedNeverLost",
  /** Votes and acknowledgements outlive a crash. */
  "promisesKept",
  "voteOncePerTerm",
  /** A linearizable read shows all that was committed before it began. */
  "readSafety",
  /** So does a read from a lease, as long as clocks keep to the bound. */
  "leaseSafety",
  /** However often a command is sent, it takes effect once. */
  "sessionsApplyOnce",
  /** Changes come one at a time, quorums of consecutive configurations meet, and voters lead. */
  "configurationSafety",
  /** Snapshots of the same moment hold the same, whoever made them, and nothing that isn't committed. */
  "snapshotsAgree",
  /** What a client was told is committed. */
  "acknowledgedCommitted",
  "finalStatesEqual",
  "linearizability",
  "liveness",
  /** No replica stopped or threw for any other reason than an injected fault. */
  "noFailure",
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

export type CheckCounts = Record<CheckName, number>;

export function emptyCheckCounts(): CheckCounts {
  return Object.fromEntries(CHECK_NAMES.map((name) => [name, 0])) as CheckCounts; // every name is there
}

/** Told of each rule that did not hold, and where it showed. */
export type OnViolation = (check: CheckName, node: string, message: string) => void;
