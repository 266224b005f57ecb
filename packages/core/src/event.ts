import type { Configuration } from "./configuration.js";
import type { NodeId } from "./entry.js";

export type Role = "follower" | "preCandidate" | "candidate" | "leader";

/** What an observer may want to know of. Events change nothing: a caller may drop them all. */
export type RaftEvent =
  | { readonly type: "roleChanged"; readonly role: Role; readonly term: number; readonly reason: string }
  | { readonly type: "termChanged"; readonly term: number }
  /** This member has learned who leads `term`; its own id when it is itself. */
  | { readonly type: "leaderElected"; readonly leader: NodeId; readonly term: number }
  | { readonly type: "entriesCommitted"; readonly commitIndex: number }
  /** A configuration began to hold: it was appended, or one that was appended has been cut off again. */
  | { readonly type: "configurationChanged"; readonly configuration: Configuration; readonly index: number }
  | { readonly type: "configurationCommitted"; readonly configuration: Configuration; readonly index: number }
  | { readonly type: "snapshotTaken"; readonly index: number }
  | { readonly type: "snapshotInstalled"; readonly index: number }
  | { readonly type: "snapshotSent"; readonly to: NodeId; readonly index: number }
  | { readonly type: "logTruncated"; readonly fromIndex: number }
  | { readonly type: "leadershipTransferStarted"; readonly to: NodeId }
  /** It succeeded when this member gave up leading after the target had been told to campaign. */
  | { readonly type: "leadershipTransferEnded"; readonly to: NodeId; readonly succeeded: boolean }
  /** A follower seems not to hold any more what it had acknowledged: most likely its disk has lost data. */
  | {
      readonly type: "followerLostEntries";
      readonly id: NodeId;
      readonly matchIndex: number;
      readonly lastIndex: number;
    }
  /** A message was malformed, impossible or not for this member, and had no effect. */
  | { readonly type: "messageRefused"; readonly from: string; readonly reason: string };
