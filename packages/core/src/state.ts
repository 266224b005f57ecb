import type { Configuration } from "./configuration.js";
import type { ReadResult, SnapshotRead, SnapshotWrite } from "./effects.js";
import type { NodeId } from "./entry.js";
import type { RaftEvent, Role } from "./event.js";
import type { Log } from "./log.js";
import type { Message, SnapshotMetadata } from "./message.js";
import type { RaftOptions } from "./options.js";
import type { Progress } from "./progress.js";

/** All that a member knows. Plain data throughout, so that a copy of it is the member. */
export interface RaftState {
  readonly id: NodeId;
  /** The latest time that an input has carried. */
  now: number;
  term: number;
  vote: NodeId | null;
  role: Role;
  /** Who leads `term`, once known. */
  leader: NodeId | null;
  readonly log: Log;
  /** The newest snapshot that this member could send. */
  snapshot: SnapshotMetadata | null;
  commitIndex: number;
  /** Committed entries up to here have been handed out to be applied. */
  handedOutIndex: number;
  /** And up to here they have been applied. */
  appliedIndex: number;
  /** Configurations in the log and the one before it, by rising index; the last one holds. Never empty. */
  configurations: ConfigurationAtIndex[];
  readonly persistence: PersistenceState;
  readonly timers: TimerState;
  readonly election: ElectionState;
  /** Only while leader. */
  leadership: LeadershipState | null;
  readonly forwardedReads: ForwardedReadsState;
  /** A snapshot that is coming in. */
  incomingSnapshot: IncomingSnapshot | null;
  readonly pending: PendingEffects;
}

export interface ConfigurationAtIndex {
  readonly index: number;
  readonly configuration: Configuration;
}

/** What has been asked to be made durable, and what is. */
export interface PersistenceState {
  /** The last position given out. */
  lastPosition: number;
  /** Everything up to this position is durable. */
  durablePosition: number;
  /** The log is durable up to here, as it is now: a cut lowers it. */
  durableIndex: number;
  /** Entries from here on have not been handed out to be persisted. */
  nextIndex: number;
  /** 0 when no cut waits to be persisted. */
  truncateFrom: number;
  hardStateChanged: boolean;
  snapshot: SnapshotMetadata | null;
  keepLogAfterSnapshot: boolean;
  /** Persists under way, oldest first, with the index that each makes durable. */
  inFlight: { position: number; lastIndex: number }[];
}

export interface TimerState {
  /** When to campaign. */
  electionDeadline: number;
  /** The election timeout with its random part, drawn anew for every term and campaign. */
  randomizedElectionTimeoutMs: number;
  /** Until then no vote is given to a rival of the leader (thesis §4.2.3). */
  stickyUntil: number;
  /** A follower's leader has said that nothing goes on: the election deadline is a long way off. */
  resting: boolean;
}

export interface ElectionState {
  /** Answers to the present campaign, by voter, in order of arrival. */
  votes: { id: NodeId; granted: boolean }[];
  /** The position at which the vote for itself is durable, and counts; 0 when there is none. */
  ownVotePosition: number;
  /** Campaigns that were refused by somebody, or given up for another's, since a leader was last heard of. */
  setbacks: number;
  /** This campaign was asked for by the leader. */
  leadershipTransfer: boolean;
  /** A candidate wanted a vote that the longer log forbids, and no leader was heard of: until one is, a learner may campaign. */
  calledUpon: boolean;
}

export interface LeadershipState {
  /** The no-op that opened the term. */
  termStartIndex: number;
  /** Every other member, sorted by id. */
  progress: Progress[];
  heartbeatDeadline: number;
  /** The last round of heartbeats sent. */
  round: number;
  /** When the latest rounds were sent, oldest first; the last one is `round`. */
  roundsSentAt: number[];
  uncommittedBytes: number;
  /** When something last went on in the group. */
  activeAt: number;
  /** Nothing goes on, and all members know: heartbeats are rare. */
  resting: boolean;
  /** Since when the members have to be heard of. */
  awakeSince: number;
  transfer: { to: NodeId; deadline: number; timeoutNowSent: boolean } | null;
  /** A `timeoutNow` has left: another may lead at any time, so no lease is claimed in this term again. */
  leaseForfeited: boolean;
  /** Reads that wait for a round of heartbeats, by rising round. `round` 0: not assigned yet. */
  reads: PendingRead[];
  /** Peers may lack entries or the commit index: look when effects are taken. */
  replicationDue: boolean;
}

export interface PendingRead {
  /** This member when the read is its own. */
  readonly from: NodeId;
  /** The caller's context, or the `readId` of a follower. */
  readonly context: number;
  /** The commit index when the read came; -1 until the term has a commit. */
  index: number;
  round: number;
}

export interface ForwardedReadsState {
  /** Reads that leave for the leader with the next effects. */
  gathering: number[];
  /** The id of the next request; begins at random, so that no answer from before a restart fits. */
  nextReadId: number;
  waiting: { readId: number; contexts: number[]; deadline: number }[];
}

export interface IncomingSnapshot {
  readonly snapshot: SnapshotMetadata;
  nextOffset: number;
  /** All of it is here, and is being made durable. */
  complete: boolean;
}

/** Effects that gather until they are taken. */
export interface PendingEffects {
  send: Message[];
  sendAfterPersist: Message[];
  reads: ReadResult[];
  snapshotReads: SnapshotRead[];
  snapshotWrites: SnapshotWrite[];
  events: RaftEvent[];
}

/** What every part of the algorithm works on. */
export interface RaftContext {
  readonly state: RaftState;
  readonly options: RaftOptions;
  /** Gives a number from 0 to below 1. */
  readonly random: () => number;
}

export function emptyPendingEffects(): PendingEffects {
  return { send: [], sendAfterPersist: [], reads: [], snapshotReads: [], snapshotWrites: [], events: [] };
}

/** The configuration that holds: the last one in the log, committed or not (§6). */
export function currentConfiguration(state: RaftState): Configuration {
  return (state.configurations[state.configurations.length - 1] as ConfigurationAtIndex).configuration;
}

export function currentConfigurationIndex(state: RaftState): number {
  return (state.configurations[state.configurations.length - 1] as ConfigurationAtIndex).index;
}
