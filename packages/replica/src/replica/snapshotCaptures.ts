import { InvariantError, type SnapshotMetadata } from "@balsa/core";
import type { Outcome } from "../outcome.js";
import type { SnapshotSource } from "../stateMachine.js";
import type { MemberLoop } from "./memberLoop.js";
import { refusal } from "./refusal.js";

/** A captured state, and where in the log it stands. Whoever has read it releases it. */
export interface CapturedSnapshot extends SnapshotSource {
  readonly description: Omit<SnapshotMetadata, "sizeBytes" | "checksum">;
}

/** Each holds what is changed meanwhile in memory. */
const MAX_CAPTURES = 4;

/** Captures for whoever keeps a copy of the state outside the cluster. */
export class SnapshotCaptures {
  readonly #loop: MemberLoop;
  #open = 0;

  constructor(loop: MemberLoop) {
    this.#loop = loop;
  }

  /** Captures what the machine holds now. A machine that throws stops the member. */
  capture(): Outcome<CapturedSnapshot> {
    const { raft, machine, lastApplied } = this.#loop;
    if (this.#open >= MAX_CAPTURES) return refusal("OVERLOADED", raft.leader, "other snapshots are being read out");
    if (lastApplied === 0) return refusal("TERM_NOT_STARTED", raft.leader, "there is nothing to save yet");
    // A leader's snapshot is about to take the place of what the machine holds.
    if (lastApplied < raft.baseIndex) return refusal("OVERLOADED", raft.leader, "this member is catching up");
    let source: SnapshotSource;
    try {
      source = machine.snapshot();
    } catch (error) {
      this.#loop.fail(error instanceof Error ? error : new InvariantError(`The state machine threw ${String(error)}.`));
      return refusal("STOPPED", null);
    }
    this.#open += 1;
    let isOpen = true;
    const release = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#open -= 1;
      source.release();
    };
    const read = (maxBytes: number): Uint8Array | null => source.read(maxBytes);
    return { ok: true, value: { description: raft.describeSnapshotAt(lastApplied), read, release } };
  }
}
