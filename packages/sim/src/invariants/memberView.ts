import type { Configuration, Entry, NodeId, Role } from "@balsa/core";

/** What the checks look at in a member; the core's `Raft` is one. */
export interface MemberView {
  readonly term: number;
  readonly vote: NodeId | null;
  readonly role: Role;
  readonly commitIndex: number;
  /** The entry before the first one that is still in the log. */
  readonly baseIndex: number;
  readonly baseTerm: number;
  readonly lastLogIndex: number;
  /** The last one in the log, committed or not. */
  readonly configuration: Configuration;
  entryAt(index: number): Entry | null;
  /** Null where the log does not reach. */
  termAt(index: number): number | null;
}
