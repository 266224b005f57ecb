import { entryBytes, type Entry } from "./entry.js";
import { invariant } from "./errors.js";
import { entryAt, lastIndex, sliceEntries, termAt } from "./log.js";
import { advanceMembership, progressOf } from "./membership.js";
import { emit } from "./pending.js";
import { quorumValue } from "./quorum.js";
import { assignReadIndexes, confirmReads } from "./reads.js";
import { currentConfiguration, type RaftContext } from "./state.js";

/**
 * Commits what a quorum holds durably, the leader's own disk counting like any other. Only an entry of the leader's own
 * term is committed by counting; those before it go with it (§5.4.2, figure 8).
 */
export function advanceCommitIndex(context: RaftContext): void {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return;
  const index = quorumValue(currentConfiguration(state), (id) =>
    id === state.id ? state.persistence.durableIndex : (progressOf(leadership, id)?.matchIndex ?? 0),
  );
  if (index <= state.commitIndex || termAt(state.log, index) !== state.term) return;
  for (let i = state.commitIndex + 1; i <= index; i += 1) {
    const entry = entryAt(state.log, i);
    if (entry?.term === state.term) leadership.uncommittedBytes -= entryBytes(entry);
  }
  commitTo(context, index);
  leadership.replicationDue = true;
  assignReadIndexes(context);
  confirmReads(context);
  advanceMembership(context);
}

/** Raises the commit index; it never falls. */
export function commitTo(context: RaftContext, index: number): void {
  const { state } = context;
  if (index <= state.commitIndex) return;
  invariant(
    index <= lastIndex(state.log),
    () => `commit index ${index} lies within the log, up to ${lastIndex(state.log)}`,
  );
  const before = state.commitIndex;
  state.commitIndex = index;
  emit(context, { type: "entriesCommitted", commitIndex: index });
  for (const { index: at, configuration } of state.configurations) {
    if (at > before && at <= index) emit(context, { type: "configurationCommitted", configuration, index: at });
  }
}

/** Hands out committed entries to be applied, a bounded batch at a time; the next one follows when it has been. */
export function takeEntriesToApply(context: RaftContext): readonly Entry[] {
  const { state, options } = context;
  if (!hasEntriesToApply(context)) return [];
  const from = state.handedOutIndex + 1;
  const entries = sliceEntries(state.log, from, state.commitIndex, Infinity, options.maxApplyBytes);
  state.handedOutIndex += entries.length;
  return entries;
}

export function hasEntriesToApply(context: RaftContext): boolean {
  const { state } = context;
  return state.commitIndex > state.handedOutIndex && state.handedOutIndex === state.appliedIndex;
}

export function recordApplied(context: RaftContext, index: number): void {
  const { state } = context;
  invariant(index <= state.handedOutIndex, () => `index ${index} was handed out before it was applied`);
  state.appliedIndex = Math.max(state.appliedIndex, index);
}
