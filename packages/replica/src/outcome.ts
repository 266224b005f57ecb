import type { NodeId, RaftEvent, RaftStatus } from "@balsa/core";

/**
 * Why something was not done. `UNKNOWN_OUTCOME` alone leaves open whether it was, or yet will be.
 *
 * `NOT_LEADER` comes with a hint; `OVERLOADED` may be tried again later; `DISK_FULL` when there is room on the
 * leader's disk; `SESSION_EXPIRED` means that the session's
 * memory of what it has done is gone; `STALE_SEQUENCE` that the answer was given and forgotten; `OUT_OF_ORDER` that the
 * command before it in its session must be sent first; `NOT_REACHED` that no member could be asked.
 */
export type RefusalCode =
  | "NOT_LEADER"
  | "NO_LEADER"
  | "OVERLOADED"
  | "DISK_FULL"
  | "TOO_LARGE"
  | "TRANSFERRING_LEADERSHIP"
  | "UNKNOWN_OUTCOME"
  | "TIMED_OUT"
  | "STOPPED"
  | "SESSION_EXPIRED"
  | "STALE_SEQUENCE"
  | "OUT_OF_ORDER"
  | "MALFORMED"
  | "INVALID_CHANGE"
  | "CHANGE_IN_PROGRESS"
  | "TERM_NOT_STARTED"
  | "NOT_CAUGHT_UP"
  | "NOT_A_VOTER"
  | "NOT_REACHED";

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** Who leads, as far as this member knows. */
  readonly leaderHint: NodeId | null;
  readonly message: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal;

/** Called exactly once with how it ended. */
export type OutcomeHandler<T> = (outcome: Outcome<T>) => void;

/** A command applied: the machine's answer, and where in the log it stands. */
export interface Applied {
  readonly result: Uint8Array;
  readonly index: number;
  readonly term: number;
  /** The command had been applied before, and this is the answer it got then. */
  readonly duplicate: boolean;
}

/** A command of a session; `sequence` counts up from 1, and commands are applied once each whatever is sent again. */
export interface SessionCommand {
  readonly sessionId: number;
  readonly sequence: number;
  /** All sequences below this have been answered, and their answers may be forgotten. */
  readonly firstOpenSequence: number;
}

export type ReplicaEvent =
  | RaftEvent
  | {
      readonly type: "recovered";
      readonly lastLogIndex: number;
      readonly snapshotIndex: number;
      readonly tornBytes: number;
    }
  | { readonly type: "applied"; readonly fromIndex: number; readonly toIndex: number }
  | { readonly type: "sessionExpired"; readonly sessionId: number }
  /** The group has agreed on where a member is to be reached, or (null) to forget it. */
  | { readonly type: "addressChanged"; readonly id: NodeId; readonly address: string | null }
  /** The disk has no room for another file of the log, or has it again. */
  | { readonly type: "diskFull"; readonly full: boolean }
  | { readonly type: "stopped"; readonly reason: Error | null };

export interface ReplicaStatus extends RaftStatus {
  readonly lastApplied: number;
  readonly sessions: number;
  readonly logSizeBytes: number;
  readonly waitingProposals: number;
  readonly waitingReads: number;
}
