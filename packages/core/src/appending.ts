import type { Entry } from "./entry.js";
import { commitTo } from "./commit.js";
import { appendEntry, lastIndex, lastPossibleMatch, termAt, truncateFrom } from "./log.js";
import { adoptConfiguration, rollBackConfigurations } from "./membership.js";
import type { AppendRequest } from "./message.js";
import { emit, send, sendAfterPersist } from "./pending.js";
import { recordTruncation } from "./persistence.js";
import type { RaftContext } from "./state.js";

/** Why a leader can't have sent these entries, or null: what is committed here is the same everywhere. */
export function describeConflictWithCommitted(context: RaftContext, message: AppendRequest): string | null {
  const { log, commitIndex } = context.state;
  const { previousLogIndex, previousLogTerm, entries } = message;
  const before = termAt(log, previousLogIndex);
  const conflict =
    before !== null && before !== previousLogTerm
      ? previousLogIndex
      : (firstConflict(context, entries)?.index ?? Infinity);
  return conflict <= commitIndex ? `entry ${conflict} is committed here with another term` : null;
}

/** Takes a leader's entries (§5.3), which don't conflict with what is committed. */
export function receiveAppendRequest(context: RaftContext, message: AppendRequest): void {
  const { state } = context;
  const { log } = state;
  const { previousLogIndex, previousLogTerm, entries } = message;
  const lastNew = previousLogIndex + entries.length;
  // What lies behind the base is committed, and so the same in every log: it needs no comparison.
  if (lastNew < log.baseIndex) {
    acceptAppend(context, message.from, log.baseIndex);
    return;
  }
  if (previousLogIndex >= log.baseIndex && termAt(log, previousLogIndex) !== previousLogTerm) {
    rejectAppend(context, message.from, previousLogIndex, previousLogTerm);
    return;
  }
  const conflict = firstConflict(context, entries);
  if (conflict !== null) cutLog(context, conflict.index);
  for (const entry of entries) if (entry.index > lastIndex(log)) takeEntry(context, entry);
  commitTo(context, Math.min(message.commitIndex, lastNew));
  acceptAppend(context, message.from, lastNew);
}

/**
 * Tells the leader that the entry at `rejectedIndex` is missing or of another term, and where to look next: at the last
 * own entry whose term is not above `term`.
 */
export function rejectAppend(context: RaftContext, to: string, rejectedIndex: number, term = Infinity): void {
  const { state } = context;
  const { log } = state;
  const hintIndex = lastPossibleMatch(log, Math.max(log.baseIndex, rejectedIndex - 1), term) ?? log.baseIndex;
  const hintTerm = termAt(log, hintIndex) ?? 0;
  send(context, {
    type: "appendRejected",
    from: state.id,
    to,
    term: state.term,
    rejectedIndex,
    hintIndex,
    hintTerm,
  });
}

/** Says that the log is the leader's up to `matchIndex`; the message waits until it is durable so far. */
export function acceptAppend(context: RaftContext, to: string, matchIndex: number): void {
  const { id, term } = context.state;
  sendAfterPersist(context, { type: "appendAccepted", from: id, to, term, matchIndex });
}

/** The first entry whose index is taken by one of another term. Only such a conflict justifies a cut: messages overtake
 *  each other, and a shorter one that comes late says nothing about what lies behind it. */
function firstConflict(context: RaftContext, entries: readonly Entry[]): Entry | null {
  const { log } = context.state;
  for (const entry of entries) {
    if (entry.index < log.baseIndex) continue;
    const own = termAt(log, entry.index);
    if (own === null) return null;
    if (own !== entry.term) return entry;
  }
  return null;
}

function cutLog(context: RaftContext, index: number): void {
  const { state } = context;
  truncateFrom(state.log, index);
  recordTruncation(state, index);
  rollBackConfigurations(context, index);
  emit(context, { type: "logTruncated", fromIndex: index });
}

function takeEntry(context: RaftContext, entry: Entry): void {
  appendEntry(context.state.log, entry);
  if (entry.configuration !== null) adoptConfiguration(context, entry.index, entry.configuration);
}
