import type { Configuration, Entry, NodeId, Role } from "@balsa/core";
import type { MemberView } from "./memberView.js";

/** What the checks remember of one member: how it was after the last step, and what it has promised, over restarts. */
export interface MemberRecord {
  readonly id: NodeId;
  /** Null while it isn't running. */
  view: MemberView | null;
  term: number;
  role: Role;
  commitIndex: number;
  baseIndex: number;
  lastIndex: number;
  /** The entry at `lastIndex`, to notice any change of the log by one comparison; null where it is compacted. */
  lastEntry: Entry | null;
  /** The highest entry it has acknowledged as durable, and that was not cut off since. */
  promisedIndex: number;
  promisedTerm: number;
  /** The last vote that left it, for itself or another. */
  votedTerm: number;
  votedFor: NodeId | null;
  appliedIndex: number;
  /** The last configuration in its log, and where that stands; index 0 when it is compacted. */
  configuration: Configuration | null;
  configurationIndex: number;
}

export function newMemberRecord(id: NodeId): MemberRecord {
  return {
    id,
    view: null,
    term: 0,
    role: "follower",
    commitIndex: 0,
    baseIndex: 0,
    lastIndex: 0,
    lastEntry: null,
    promisedIndex: 0,
    promisedTerm: 0,
    votedTerm: 0,
    votedFor: null,
    appliedIndex: 0,
    configuration: null,
    configurationIndex: 0,
  };
}
