import type { Configuration } from "./configuration.js";
import type { NodeId } from "./entry.js";
import type { Role } from "./event.js";
import { holdsLease } from "./lease.js";
import { lastIndex, lastTerm } from "./log.js";
import type { ProgressState } from "./progress.js";
import { isResting } from "./rest.js";
import { currentConfiguration, currentConfigurationIndex, type RaftContext } from "./state.js";

/** What the leader knows of one peer. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly state: ProgressState;
  readonly matchIndex: number;
  readonly nextIndex: number;
  /** How many entries the peer is not known to hold. */
  readonly lagEntries: number;
  readonly inflightAppends: number;
  readonly inflightBytes: number;
  readonly silentMs: number;
  /** Bytes of a snapshot sent so far; null when none is under way. */
  readonly snapshotOffset: number | null;
}

/** What is going on, for a person or a monitor. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: number;
  readonly vote: NodeId | null;
  readonly leader: NodeId | null;
  /** Nothing goes on in the group, and heartbeats are rare. */
  readonly isResting: boolean;
  readonly configuration: Configuration;
  readonly configurationCommitted: boolean;
  readonly firstLogIndex: number;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  readonly durableIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  /** Persists that have been asked for and are not durable. */
  readonly persistsInFlight: number;
  readonly uncommittedBytes: number;
  readonly pendingReads: number;
  readonly holdsLease: boolean;
  readonly transferringTo: NodeId | null;
  /** Only on a leader; sorted by id. */
  readonly peers: readonly PeerStatus[];
}

export function statusOf(context: RaftContext): RaftStatus {
  const { state } = context;
  const { leadership, log, forwardedReads } = state;
  const forwarded = forwardedReads.waiting.reduce((sum, { contexts }) => sum + contexts.length, 0);
  return {
    id: state.id,
    role: state.role,
    term: state.term,
    vote: state.vote,
    leader: state.leader,
    isResting: isResting(state),
    configuration: currentConfiguration(state),
    configurationCommitted: currentConfigurationIndex(state) <= state.commitIndex,
    firstLogIndex: log.baseIndex + 1,
    lastLogIndex: lastIndex(log),
    lastLogTerm: lastTerm(log),
    durableIndex: state.persistence.durableIndex,
    commitIndex: state.commitIndex,
    appliedIndex: state.appliedIndex,
    snapshotIndex: state.snapshot?.index ?? 0,
    persistsInFlight: state.persistence.inFlight.length,
    uncommittedBytes: leadership?.uncommittedBytes ?? 0,
    pendingReads: (leadership?.reads.length ?? 0) + forwarded + forwardedReads.gathering.length,
    holdsLease: holdsLease(context),
    transferringTo: leadership?.transfer?.to ?? null,
    peers: (leadership?.progress ?? []).map((progress) => ({
      id: progress.id,
      state: progress.state,
      matchIndex: progress.matchIndex,
      nextIndex: progress.nextIndex,
      lagEntries: lastIndex(log) - progress.matchIndex,
      inflightAppends: progress.inflight.length,
      inflightBytes: progress.inflightBytes,
      silentMs: state.now - progress.lastContactAt,
      snapshotOffset: progress.transfer?.offset ?? null,
    })),
  };
}
