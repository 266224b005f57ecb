import type { Configuration } from "./configuration.js";
import type { Entry, NodeId } from "./entry.js";

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; for a pre-vote request the term it *would* campaign in. */
  readonly term: number;
}

/** Asks for a vote, or with `preVote` whether one would be given (§5.2, thesis §9.6). */
export interface VoteRequest extends Envelope {
  readonly type: "voteRequest";
  readonly preVote: boolean;
  /** Set when the leader itself asked for this election: stickiness does not apply (thesis §4.2.3). */
  readonly leadershipTransfer: boolean;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
}

/** For a granted pre-vote `term` is the term asked for; otherwise it is the voter's own. */
export interface VoteResponse extends Envelope {
  readonly type: "voteResponse";
  readonly preVote: boolean;
  readonly granted: boolean;
}

/** Entries that follow `previousLogIndex` (§5.3). Without entries it probes the match, or tells the commit index. */
export interface AppendRequest extends Envelope {
  readonly type: "appendRequest";
  readonly previousLogIndex: number;
  readonly previousLogTerm: number;
  readonly entries: readonly Entry[];
  readonly commitIndex: number;
}

/** Accepted: the log is durable and equal to the leader's up to `matchIndex`. */
export interface AppendAccepted extends Envelope {
  readonly type: "appendAccepted";
  readonly matchIndex: number;
}

/**
 * Refused, for the entry before was missing or of another term, or for the sender's term is over (then `term` tells).
 * `hintIndex` and `hintTerm` name the last entry of the follower that may still agree with the leader's log (§5.3).
 */
export interface AppendRejected extends Envelope {
  readonly type: "appendRejected";
  readonly rejectedIndex: number;
  readonly hintIndex: number;
  readonly hintTerm: number;
}

/** Keeps followers from campaigning; tells the commit index; `round` is echoed when it is not 0. */
export interface HeartbeatRequest extends Envelope {
  readonly type: "heartbeatRequest";
  /** Never beyond what the receiver is known to hold. */
  readonly commitIndex: number;
  /** Rises with every round of heartbeats in a term. 0: a notice of the commit index that wants no answer. */
  readonly round: number;
  /** Nothing goes on: the receiver may rest. */
  readonly mayRest: boolean;
}

export interface HeartbeatResponse extends Envelope {
  readonly type: "heartbeatResponse";
  /** 0: a follower that no longer rests says so unasked. */
  readonly round: number;
  /** The sender rests: it waits much longer before it campaigns. */
  readonly resting: boolean;
}

/** What a snapshot is, apart from its bytes. */
export interface SnapshotMetadata {
  /** The last entry that the snapshot contains. */
  readonly index: number;
  readonly term: number;
  /** The membership as of `index`. */
  readonly configuration: Configuration;
  /** Length of the snapshot's bytes. */
  readonly sizeBytes: number;
  /** Tells apart snapshots of the same index made by different members (a checksum of the bytes). */
  readonly checksum: number;
}

/** A chunk of the leader's snapshot (§7). */
export interface SnapshotRequest extends Envelope {
  readonly type: "snapshotRequest";
  readonly snapshot: SnapshotMetadata;
  readonly offset: number;
  readonly data: Uint8Array;
}

/** `nextOffset` is how much of the snapshot the follower has; it asks for the chunk that begins there. */
export interface SnapshotResponse extends Envelope {
  readonly type: "snapshotResponse";
  readonly snapshotIndex: number;
  readonly nextOffset: number;
  /** The follower could not take the snapshot (a checksum, say); the leader starts anew. */
  readonly failed: boolean;
}

/** A follower asks the leader for a read index (thesis §6.4). */
export interface ReadIndexRequest extends Envelope {
  readonly type: "readIndexRequest";
  /** Never used twice by the sender, over restarts too. */
  readonly readId: number;
}

/** `index` is null when the leader refuses; the follower then refuses its readers. */
export interface ReadIndexResponse extends Envelope {
  readonly type: "readIndexResponse";
  readonly readId: number;
  readonly index: number | null;
}

/** The leader asks a follower that has caught up to campaign at once (thesis §3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: "timeoutNow";
}

/** All that members say to each other. Messages are never changed once made. */
export type Message =
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendAccepted
  | AppendRejected
  | HeartbeatRequest
  | HeartbeatResponse
  | SnapshotRequest
  | SnapshotResponse
  | ReadIndexRequest
  | ReadIndexResponse
  | TimeoutNow;

export type MessageType = Message["type"];
