/**
 * Situations that a simulator must bring about to have proved anything, each with a line for people and the number of
 * swarm seeds within which it is expected (`null`: too rare to insist on). An algorithm that is never in trouble passes
 * every check.
 */
const TABLE = {
  // Elections
  rivalsInOneTerm: ["two candidates stood in the same term", 200],
  termWithoutLeader: ["a term ended without a leader", 200],
  preVoteRefused: ["a member learned that it could not win, and opened no term", 200],
  preVoteDuringReign: ["a member asked for pre-votes while others followed a leader", 200],
  candidateLogBehind: ["a candidate's log was behind the voter's", 200],
  voteGivenAlready: ["a vote was asked of a member that had given it to another", 200],
  voteRememberedOverRestart: ["a vote was asked of a member that had given it before it restarted", 1_000],
  rivalRefusedForLeadersSake: ["a later term was ignored, for the leader was still heard of", 200],
  candidateFindsLeader: ["a candidate heard from the leader of its own term", 200],
  candidateMeetsLaterTerm: ["a candidate heard of a later term", 200],
  leaderMeetsLaterTerm: ["a leader heard of a later term", 200],
  leaderMissesQuorum: ["a leader stepped down, for it no longer heard from a quorum", 200],
  deposedLeaderStillSends: ["a message of a leader came when its term was over", 200],
  voteForPastTerm: ["a vote came when its term was over", 200],
  voteAfterElection: ["a vote came when its candidate led already", 200],
  twoLeadersAtOnce: ["a leader was elected while one of an earlier term still led", 200],
  leaderElectedTooLate: ["a leader was elected when a later term had one", null],
  soleVoterElected: ["the only voter elected itself", 200],
  leaderInheritsUncommittedEntries: ["a leader began with entries of others that were not committed", 200],
  leaderElectedWhileJoint: ["a leader was elected inside a joint configuration", 1_000],
  leaderElectedOnUncommittedConfiguration: ["a leader was elected while its configuration was not committed", 200],
  voteAskedByStranger: ["a vote was asked by one that is no member to the voter's knowledge", 200],
  removedMemberCampaigns: ["a member campaigned whom its own last configuration removes", 1_000],
  removedMemberElected: ["a member was elected whom its own last configuration removes", null],
  // The log
  logTruncated: ["a follower cut entries off its log", 200],
  manyEntriesCut: ["a follower cut three or more entries off", 200],
  majorityEntryOverwritten: ["an entry was cut off that a majority had held (§5.4.2, figure 8)", null],
  earlierTermCommittedIndirectly: ["entries of earlier terms were committed by one of the leader's own", 200],
  committedBeforeOwnDisk: ["a leader committed what its own disk had yet to write", 200],
  appendBehindTruncation: ["an append came late, behind a truncation, with entries that were cut off", 1_000],
  appendLeavesGap: ["an append came before the one that it follows", 200],
  appendConflicts: ["an append followed an entry of another term", 1_000],
  appendReachesBehindSnapshot: ["an append began before what the follower's log still has", 1_000],
  appendRepeated: ["an append came twice", 200],
  shorterAppendComesLate: ["an append came when the log was longer already", 200],
  acknowledgementForPastTerm: ["an acknowledgement came when its term was over", 200],
  acknowledgementOfRemoved: ["a leader got an acknowledgement of one that is no member any more", 200],
  hintSkipsEntries: ["a follower's hint spared its leader several probes", 200],
  // Snapshots
  snapshotTaken: ["a snapshot was taken", 200],
  snapshotOfJointConfiguration: ["a snapshot was taken inside a joint configuration", 1_000],
  snapshotInstalled: ["a follower installed its leader's snapshot", 200],
  snapshotReplacesLongerLog: ["a snapshot took the place of a log that was longer, and wrong", null],
  snapshotKeepsLogBehindIt: ["a snapshot was installed under a log that goes on behind it", null],
  snapshotComesTooLate: ["a chunk of a snapshot came for what was committed already", 1_000],
  snapshotChunkRepeated: ["a chunk of a snapshot came twice", 1_000],
  snapshotReplacedHalfway: ["a newer snapshot took the place of one that was half received", 1_000],
  snapshotGoesOnUnderNextLeader: ["a half received snapshot went on under another leader", null],
  learnerFedBySnapshot: ["a learner was brought up by a snapshot", 200],
  crashWhileReceivingSnapshot: ["a member crashed with half a snapshot", 2_000],
  startedFromSnapshot: ["a member started from a snapshot", 200],
  // Membership
  jointConfigurationEntered: ["a joint configuration began to hold", 200],
  severalChangesAtOnce: ["one change concerned several voters", 200],
  configurationRolledBack: ["a configuration was cut off again", 2_000],
  jointFinishedByNextLeader: ["a leader finished the change that another had begun", 200],
  learnerPromoted: ["a learner became a voter", 200],
  voterDemoted: ["a voter became a learner", 200],
  removedLeaderStepsDown: ["a leader that had removed itself stepped down", 200],
  leaderCrashesWhileJoint: ["a leader crashed inside a joint configuration", 1_000],
  networkSplitWhileJoint: ["the network was split inside a joint configuration", null],
  promotionRefused: ["a learner that had not caught up was not promoted", 200],
  changeBeforeTermsFirstCommit: ["a change was refused, for the leader had committed nothing of its term", 200],
  changeWhileAnother: ["a change was refused, for another was not committed", null],
  // Leadership transfer
  leadershipTransferred: ["leadership was handed over", 200],
  transferGivenUp: ["a leader gave up handing over", 1_000],
  leaderCrashesWhileHandingOver: ["a leader crashed while it handed over", 2_000],
  campaignOrderComesLate: ["an order to campaign came when it no longer held", 1_000],
  commandDuringTransfer: ["a command was refused while leadership was handed over", 200],
  // Reads
  readConfirmedByFollower: ["a follower answered a read with its leader's index", 200],
  readConfirmedDuringTransfer: ["a read was confirmed by a follower during a transfer", 1_000],
  readWaitsForEntries: ["a confirmed read waited for entries to be applied", 200],
  readBeforeTermsFirstCommit: ["a read came before the leader's first commit of its term", 200],
  readAskedOfDeposedLeader: ["a follower asked one for a read index who leads no more", 200],
  readRefusedByLeader: ["a leader refused a follower's read", 200],
  readAtDeposedLeader: ["a client read at a leader when a later term had another", 1_000],
  readTimedOut: ["a read was not confirmed in time", 200],
  leaseRead: ["a read was served from a lease", 200],
  leaseRunsOut: ["a read found the lease run out", 200],
  // Clients and their sessions
  repetitionAnsweredFromCache: ["a command came again, and was answered without being applied again", 200],
  answerOfEarlierAttempt: ["a client got its answer from an attempt that it had given up", 200],
  sessionExpired: ["a session expired", 200],
  sessionExpiredInFlight: ["a session expired while its command was in flight", 200],
  outcomeUnknown: ["a client was told that an outcome is unknown", 200],
  commandForwarded: ["a follower passed a command on to its leader", 200],
  forwardedToDeposedLeader: ["a command was passed on to one who leads no more", 200],
  commandRefusedByBackPressure: ["a command was refused by back-pressure", 200],
  commandRefusedByFullDisk: ["a command was refused, for the leader's disk was full", 2_000],
  // Disks, processes, network and clocks
  tornTailCutOff: ["a torn write was cut off at recovery", 1_000],
  unsyncedEntriesLost: ["a member lost entries that were not synced", 200],
  leaderLosesUnsyncedEntries: ["a leader lost entries that were not synced", 200],
  leaderBackBeforeElection: ["a leader crashed, and was back before another was elected", 200],
  leaderCrashesWithUncommittedEntries: ["a leader crashed with entries that were not committed", 200],
  crashWhileRecovering: ["a member crashed while it recovered", 1_000],
  wholeClusterDown: ["nobody was up", 200],
  majorityDown: ["less than a majority was up", 200],
  leaderStopsOnDiskError: ["a leader's disk failed, and it stopped", 200],
  followerStopsOnDiskError: ["a follower's disk failed, and it stopped", 200],
  leadsWithFullDisk: ["a leader went on with a full disk", 2_000],
  damagedLogFound: ["a member found its log damaged, and refused to start", 200],
  messageOutlivesSender: ["a message arrived when its sender was down", 200],
  pausedLeaderWakesDeposed: ["a leader woke from a pause when a later term had another", 200],
  bridgeNodePartition: ["only one member heard both sides", 200],
  bridgeNodeLeads: ["the one whom both sides heard was the leader", 200],
  leaderBehindBridge: ["a leader reached the majority through one member only", 200],
  leaderCutOffWithMinority: ["a leader was cut off with a minority", 200],
  leaderHeardButDeaf: ["a leader was heard by a majority that it could not hear", 200],
  clockJumpsPastElectionTimeout: ["a clock jumped by more than an election timeout", 200],
  leaseHeldOnDriftingClock: ["the clock of a leader with leases drifted", 200],
  leaderBrokenForGood: ["the leader was among those that stayed broken for good", 200],
  healedWhileJoint: ["the faults ended inside a joint configuration", null],
  caughtUpBySnapshotAfterHealing: ["a member that came back at the end was brought up by a snapshot", 1_000],
} as const satisfies Readonly<Record<string, readonly [description: string, expectedWithinSeeds: number | null]>>;

export type SituationName = keyof typeof TABLE;

export interface Situation {
  readonly name: SituationName;
  readonly description: string;
  /** A swarm campaign of so many seeds that never reaches it has failed; null: it may well. */
  readonly expectedWithinSeeds: number | null;
}

export const SITUATIONS: readonly Situation[] = Object.entries(TABLE).map(
  ([name, [description, expectedWithinSeeds]]) => {
    return { name: name as SituationName, description, expectedWithinSeeds }; // the table's own keys
  },
);
