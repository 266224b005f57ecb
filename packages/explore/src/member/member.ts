import type { Message, Persist, RaftState, StoredState } from "@balsa/core";

/**
 * One member with all that belongs to it: the core's whole state as `save()` gives it, its disk, and what waits for that.
 * Plain data, never changed once made, so that states of the world share it.
 */
export interface Member {
  readonly raft: RaftState;
  /** What a crash leaves. */
  readonly disk: StoredState;
  /** Handed to the disk and not durable yet, oldest first. */
  readonly writes: readonly Persist[];
  /** Messages that may leave only when a position is durable, by rising position. */
  readonly held: readonly HeldMessages[];
}

export interface HeldMessages {
  readonly position: number;
  readonly messages: readonly Message[];
}

/** A disk that nothing was ever written to. */
export const EMPTY_DISK: StoredState = {
  hardState: { term: 0, vote: null },
  snapshot: null,
  baseIndex: 0,
  baseTerm: 0,
  entries: [],
};
