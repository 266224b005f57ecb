import type { Entry, NodeId } from "./entry.js";
import type { RaftEvent } from "./event.js";
import type { Message, SnapshotMetadata } from "./message.js";

/** Term and vote: what a member may never forget (§5.1, figure 2). They are stored in one piece. */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId | null;
}

/**
 * Must become durable as a whole or not at all, in the order of `position`; then `persisted(position)` is due.
 * To be carried out in this order: the snapshot replaces the log, the log is cut, the entries are appended.
 */
export interface Persist {
  /** Counts up by one; never used again. */
  readonly position: number;
  readonly hardState: HardState;
  /** An installed snapshot which the log now follows; null when there is none. */
  readonly snapshot: SnapshotMetadata | null;
  /** With a snapshot: whether the entries after its index stay (true) or the whole log goes (§7). */
  readonly keepLogAfterSnapshot: boolean;
  /** Entries from this index on are cut off first; 0: none. */
  readonly truncateFrom: number;
  /** Contiguous; they follow what the log holds after the cut. */
  readonly entries: readonly Entry[];
}

/** The outcome of a read that was asked for with this `context`. */
export interface ReadResult {
  readonly context: number;
  /** The state machine must have applied this index before it answers; null when the read is refused. */
  readonly index: number | null;
  /** Why the read was refused; null when it was not. */
  readonly refusal: ReadRefusal | null;
}

export type ReadRefusal = "NOT_LEADER" | "LEADERSHIP_LOST" | "NO_LEADER" | "TIMED_OUT" | "OVERLOADED";

/** A chunk of the own snapshot is wanted for `to`; answer with `snapshotChunkRead` or `snapshotReadFailed`. */
export interface SnapshotRead {
  readonly to: NodeId;
  readonly snapshot: SnapshotMetadata;
  readonly offset: number;
  readonly maxBytes: number;
}

/**
 * A chunk of an incoming snapshot, in order, beginning at `offset` 0. After the `last` one the caller verifies the whole,
 * makes it durable and calls `snapshotInstalled`, or `snapshotFailed`.
 */
export interface SnapshotWrite {
  readonly snapshot: SnapshotMetadata;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly last: boolean;
}

/** What the core wants done. Taken with `takeEffects()`, carried out by the caller. */
export interface Effects {
  readonly persist: Persist | null;
  /** Messages that promise nothing: they may leave at once. */
  readonly send: readonly Message[];
  /** Votes and acknowledgements: they may leave when position `sendAfterPosition` is durable, not before. */
  readonly sendAfterPersist: readonly Message[];
  readonly sendAfterPosition: number;
  /** Committed entries, in order and without gaps; `applied(index)` is due after them. */
  readonly apply: readonly Entry[];
  readonly reads: readonly ReadResult[];
  readonly snapshotReads: readonly SnapshotRead[];
  readonly snapshotWrites: readonly SnapshotWrite[];
  readonly events: readonly RaftEvent[];
}
