import type { Configuration } from "./configuration.js";
import { ENTRY_OVERHEAD_BYTES, entryBytes, type Entry, type EntryKind, type NodeId } from "./entry.js";
import { appendEntry, lastIndex } from "./log.js";
import { noteActivity } from "./rest.js";
import type { RaftContext } from "./state.js";

export type ProposeRefusal = "NOT_LEADER" | "TRANSFERRING_LEADERSHIP" | "OVERLOADED";

export type ProposeResult =
  | { readonly ok: true; readonly term: number; readonly firstIndex: number; readonly lastIndex: number }
  | { readonly ok: false; readonly code: ProposeRefusal; readonly leaderHint: NodeId | null };

/** Appends commands to the leader's log, all or none. They are committed when an `apply` effect brings them. */
export function propose(context: RaftContext, commands: readonly Uint8Array[]): ProposeResult {
  const { state, options } = context;
  const { leadership } = state;
  if (leadership === null) return { ok: false, code: "NOT_LEADER", leaderHint: state.leader };
  if (leadership.transfer !== null) {
    return { ok: false, code: "TRANSFERRING_LEADERSHIP", leaderHint: leadership.transfer.to };
  }
  let bytes = 0;
  for (const command of commands) bytes += ENTRY_OVERHEAD_BYTES + command.length;
  // A batch larger than the whole limit passes when nothing else waits, or it never could.
  if (leadership.uncommittedBytes > 0 && leadership.uncommittedBytes + bytes > options.maxUncommittedBytes) {
    return { ok: false, code: "OVERLOADED", leaderHint: state.id };
  }
  const firstIndex = lastIndex(state.log) + 1;
  for (const command of commands) appendOwnEntry(context, "command", command, null);
  return { ok: true, term: state.term, firstIndex, lastIndex: lastIndex(state.log) };
}

/** Appends one entry of the leader's own term. */
export function appendOwnEntry(
  context: RaftContext,
  kind: EntryKind,
  data: Uint8Array,
  configuration: Configuration | null,
): Entry {
  const { state } = context;
  const entry: Entry = { index: lastIndex(state.log) + 1, term: state.term, kind, data, configuration };
  appendEntry(state.log, entry);
  const { leadership } = state;
  if (leadership !== null) {
    noteActivity(context);
    leadership.replicationDue = true;
    leadership.uncommittedBytes += entryBytes(entry);
  }
  return entry;
}
