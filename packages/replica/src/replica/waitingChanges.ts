import { isJoint, type NodeId } from "@balsa/core";
import type { Outcome, OutcomeHandler, ReplicaEvent } from "../outcome.js";
import { refusal } from "./refusal.js";

interface WaitingChange {
  /** The entry that began it. */
  readonly index: number;
  readonly deadline: number;
  readonly done: OutcomeHandler<{ readonly index: number }>;
}

/** Whoever waits for a membership change or a transfer of leadership to end. There is one of each at most. */
export class WaitingChanges {
  #change: WaitingChange | null = null;
  #transferDone: OutcomeHandler<null> | null = null;

  get deadline(): number {
    return this.#change?.deadline ?? Infinity;
  }

  /** The core has begun a change; it allows one at a time, so one that waits here still has ended unseen. */
  addChange(index: number, deadline: number, done: OutcomeHandler<{ readonly index: number }>): void {
    this.#endChange(refusal("UNKNOWN_OUTCOME", null));
    this.#change = { index, deadline, done };
  }

  addTransfer(done: OutcomeHandler<null>): void {
    this.#endTransfer(refusal("UNKNOWN_OUTCOME", null));
    this.#transferDone = done;
  }

  observe(event: ReplicaEvent, leader: NodeId | null): void {
    switch (event.type) {
      case "configurationCommitted":
        // It has ended when the final configuration is committed, not the joint one on the way.
        if (this.#change === null || event.index < this.#change.index || isJoint(event.configuration)) return;
        this.#endChange({ ok: true, value: { index: event.index } });
        return;
      case "logTruncated":
        if (this.#change !== null && event.fromIndex <= this.#change.index) {
          this.#endChange(refusal("UNKNOWN_OUTCOME", leader));
        }
        return;
      case "snapshotInstalled":
        if (this.#change !== null && event.index >= this.#change.index) {
          this.#endChange(refusal("UNKNOWN_OUTCOME", leader));
        }
        return;
      case "leadershipTransferEnded":
        this.#endTransfer(event.succeeded ? { ok: true, value: null } : refusal("TIMED_OUT", leader));
        return;
      default:
    }
  }

  expire(now: number, leader: NodeId | null): void {
    if (this.deadline <= now) this.#endChange(refusal("UNKNOWN_OUTCOME", leader));
  }

  abandon(): void {
    this.#endChange(refusal("UNKNOWN_OUTCOME", null));
    this.#endTransfer(refusal("UNKNOWN_OUTCOME", null));
  }

  #endChange(outcome: Outcome<{ readonly index: number }>): void {
    const change = this.#change;
    this.#change = null;
    change?.done(outcome);
  }

  #endTransfer(outcome: Outcome<null>): void {
    const done = this.#transferDone;
    this.#transferDone = null;
    done?.(outcome);
  }
}
