import type { ConfigurationChange } from "./configuration.js";
import type { Effects } from "./effects.js";
import type { NodeId } from "./entry.js";
import type { SnapshotMetadata } from "./message.js";
import type { Raft } from "./raft.js";
import type { ReadConsistency } from "./reads.js";

/**
 * One call of a method of `Raft` that may change it. With the state before and the random numbers that were drawn, the inputs
 * tell everything that a member did.
 */
export type RaftInput =
  | { readonly type: "receive"; readonly now: number; readonly message: unknown }
  | { readonly type: "propose"; readonly now: number; readonly commands: readonly Uint8Array[] }
  | {
      readonly type: "read";
      readonly now: number;
      readonly readContext: number;
      readonly consistency: ReadConsistency;
    }
  | { readonly type: "reconfigure"; readonly now: number; readonly changes: readonly ConfigurationChange[] }
  | { readonly type: "transferLeadership"; readonly now: number; readonly to: NodeId }
  | { readonly type: "wake"; readonly now: number }
  | { readonly type: "rouse"; readonly now: number; readonly leaderHeardAt: number }
  | { readonly type: "persisted"; readonly now: number; readonly position: number }
  | { readonly type: "applied"; readonly now: number; readonly index: number }
  | { readonly type: "snapshotTaken"; readonly now: number; readonly snapshot: SnapshotMetadata }
  | { readonly type: "dropLogTail"; readonly now: number }
  | {
      readonly type: "snapshotChunkRead";
      readonly now: number;
      readonly to: NodeId;
      readonly snapshotIndex: number;
      readonly offset: number;
      readonly data: Uint8Array;
    }
  | {
      readonly type: "snapshotReadFailed";
      readonly now: number;
      readonly to: NodeId;
      readonly snapshotIndex: number;
    }
  | { readonly type: "snapshotInstalled"; readonly now: number; readonly snapshot: SnapshotMetadata }
  | { readonly type: "snapshotFailed"; readonly now: number; readonly snapshotIndex: number }
  | { readonly type: "takeEffects" };

/** Hears what a member is given and what it wants done; must not throw, nor give it anything meanwhile. */
export interface RaftObserver {
  /** Before it has any effect. */
  input(input: RaftInput): void;
  /** What a `takeEffects` has given. */
  effectsTaken(effects: Effects | null): void;
}

/** Calls the method that the input names. @throws InvariantError as the method does */
export function feedInput(raft: Raft, input: RaftInput): Effects | null {
  switch (input.type) {
    case "receive":
      raft.receive(input.now, input.message);
      return null;
    case "propose":
      raft.propose(input.now, input.commands);
      return null;
    case "read":
      raft.read(input.now, input.readContext, input.consistency);
      return null;
    case "reconfigure":
      raft.reconfigure(input.now, input.changes);
      return null;
    case "transferLeadership":
      raft.transferLeadership(input.now, input.to);
      return null;
    case "wake":
      raft.wake(input.now);
      return null;
    case "rouse":
      raft.rouse(input.now, input.leaderHeardAt);
      return null;
    case "persisted":
      raft.persisted(input.now, input.position);
      return null;
    case "applied":
      raft.applied(input.now, input.index);
      return null;
    case "snapshotTaken":
      raft.snapshotTaken(input.now, input.snapshot);
      return null;
    case "dropLogTail":
      raft.dropLogTail(input.now);
      return null;
    case "snapshotChunkRead":
      raft.snapshotChunkRead(input.now, input.to, input.snapshotIndex, input.offset, input.data);
      return null;
    case "snapshotReadFailed":
      raft.snapshotReadFailed(input.now, input.to, input.snapshotIndex);
      return null;
    case "snapshotInstalled":
      raft.snapshotInstalled(input.now, input.snapshot);
      return null;
    case "snapshotFailed":
      raft.snapshotFailed(input.now, input.snapshotIndex);
      return null;
    case "takeEffects":
      return raft.takeEffects();
  }
}
