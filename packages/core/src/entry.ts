import type { Configuration } from "./configuration.js";

/** Names a member of the cluster. Any non-empty string; equal strings are the same member. */
export type NodeId = string;

/** `noop` opens a leader's term (§8), `command` is a client's, `configuration` is a membership change (§6). */
export type EntryKind = "noop" | "command" | "configuration";

/** One slot of the replicated log. Entries are never changed once made, so they may be shared freely. */
export interface Entry {
  /** Position in the log; the first is 1. */
  readonly index: number;
  /** Term of the leader that made it. */
  readonly term: number;
  readonly kind: EntryKind;
  /** The command, opaque to the core. Empty for the other kinds. */
  readonly data: Uint8Array;
  /** The membership that holds from this entry on; null unless `kind` is `configuration`. */
  readonly configuration: Configuration | null;
}

/** What an entry is taken to cost beside its data, in every limit that counts bytes. */
export const ENTRY_OVERHEAD_BYTES = 32;

const BYTES_PER_MEMBER = 32;

/** The size of an entry as all byte limits count it: an upper estimate of its encoded form. */
export function entryBytes(entry: Entry): number {
  const bytes = ENTRY_OVERHEAD_BYTES + entry.data.length;
  const configuration = entry.configuration;
  if (configuration === null) return bytes;
  const members =
    configuration.voters.length +
    configuration.votersOutgoing.length +
    configuration.learners.length +
    configuration.learnersNext.length;
  return bytes + members * BYTES_PER_MEMBER;
}
