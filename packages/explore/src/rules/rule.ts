/** What every state and step is checked for. The names are those of the simulator's checks, where it has the same. */
export const RULE_NAMES = [
  /** At most one leader in a term, over all that has happened (§5.2). */
  "electionSafety",
  /** A leader never cuts its own log (§5.3). */
  "leaderAppendOnly",
  /** Logs that agree on an entry agree on all before it (§5.3). */
  "logMatching",
  /** What was committed in an earlier term is in the log of every leader (§5.4). */
  "leaderCompleteness",
  /** Nobody commits another entry where one has been committed (§5.4.3). */
  "stateMachineSafety",
  /** What a leader commits is durable on a majority, of both halves while joint. */
  "commitOnQuorum",
  /** A commit index rises only, but for a restart, and what it speaks for stays in the log. */
  "committedNeverLost",
  /** Changes come one at a time, none before a commit of the leader's term, and quorums of neighbours meet. */
  "configurationSafety",
  /** No message of a correct member is refused, and no member stops. */
  "noFailure",
] as const;

export type RuleName = (typeof RULE_NAMES)[number];

/** A rule that did not hold. */
export interface Violation {
  readonly rule: RuleName;
  readonly node: string;
  readonly message: string;
}
