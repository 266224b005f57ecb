import { changeConfiguration, isJoint, isVoter, leaveJoint, membersOf } from "./configurationChange.js";
import type { Configuration, ConfigurationChange } from "./configuration.js";
import type { Entry, NodeId } from "./entry.js";
import { lastIndex } from "./log.js";
import { emit } from "./pending.js";
import { newProgress, type Progress } from "./progress.js";
import { appendOwnEntry } from "./proposals.js";
import { currentConfiguration, currentConfigurationIndex, type LeadershipState, type RaftContext } from "./state.js";
import { handOver } from "./transfer.js";

export type ReconfigureRefusal =
  | "NOT_LEADER"
  | "CHANGE_IN_PROGRESS"
  | "TERM_NOT_STARTED"
  | "TRANSFERRING_LEADERSHIP"
  | "INVALID_CHANGE"
  | "NOT_CAUGHT_UP";

export type ReconfigureResult =
  | { readonly ok: true; readonly index: number; readonly term: number }
  | { readonly ok: false; readonly code: ReconfigureRefusal; readonly reason: string };

/** Begins a membership change (§6). It has ended when a configuration that isn't joint is committed at or behind `index`. */
export function reconfigure(context: RaftContext, changes: readonly ConfigurationChange[]): ReconfigureResult {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return refuse("NOT_LEADER", "only the leader changes the membership");
  if (leadership.transfer !== null) return refuse("TRANSFERRING_LEADERSHIP", "leadership is being handed over");
  // Without a commit of its own term a leader can't know of a change that another has begun: two changes could then have
  // majorities that don't meet (raft-dev, 2015).
  if (state.commitIndex < leadership.termStartIndex) {
    return refuse("TERM_NOT_STARTED", "nothing of this leader's term is committed yet");
  }
  const current = currentConfiguration(state);
  if (isJoint(current) || currentConfigurationIndex(state) > state.commitIndex) {
    return refuse("CHANGE_IN_PROGRESS", "an earlier change is not committed yet");
  }
  const result = changeConfiguration(current, changes);
  if (!result.ok) return refuse("INVALID_CHANGE", result.reason);
  const laggard = changes.find((change) => change.type === "promote" && !hasCaughtUp(context, leadership, change.id));
  if (laggard !== undefined) return refuse("NOT_CAUGHT_UP", `${laggard.id} still lacks too much of the log`);
  const entry = appendConfiguration(context, result.configuration);
  return { ok: true, index: entry.index, term: entry.term };
}

/** Makes `configuration` hold from `index` on: configurations count when appended, not when committed (§6). */
export function adoptConfiguration(context: RaftContext, index: number, configuration: Configuration): void {
  const { state } = context;
  state.configurations.push({ index, configuration });
  followConfiguration(context);
  emit(context, { type: "configurationChanged", configuration, index });
}

/** Gives up configurations from `fromIndex` on, for their entries were cut off. */
export function rollBackConfigurations(context: RaftContext, fromIndex: number): void {
  const { state } = context;
  const before = state.configurations.length;
  while (state.configurations.length > 1 && currentConfigurationIndex(state) >= fromIndex) state.configurations.pop();
  if (state.configurations.length === before) return;
  followConfiguration(context);
  const index = currentConfigurationIndex(state);
  emit(context, { type: "configurationChanged", configuration: currentConfiguration(state), index });
}

/** Called as leader whenever the commit index has risen: takes a change through its phases. */
export function advanceMembership(context: RaftContext): void {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null || state.commitIndex < leadership.termStartIndex) return;
  const index = currentConfigurationIndex(state);
  if (index > state.commitIndex) return;
  const configuration = currentConfiguration(state);
  if (isJoint(configuration)) {
    appendConfiguration(context, leaveJoint(configuration));
  } else if (!isVoter(configuration, state.id)) {
    handOver(context);
  }
}

/** Forgets configurations that no longer matter: of those at or before `index` only the last one does. */
export function compactConfigurations(context: RaftContext, index: number): void {
  const { configurations } = context.state;
  while (configurations.length > 1 && (configurations[1] as { index: number }).index <= index) configurations.shift();
}

/** The configuration that held at `index`. */
export function configurationAt(context: RaftContext, index: number): Configuration {
  const { configurations } = context.state;
  let found = configurations[0] as { configuration: Configuration };
  for (const at of configurations) if (at.index <= index) found = at;
  return found.configuration;
}

export function progressOf(leadership: LeadershipState, id: NodeId): Progress | null {
  for (const progress of leadership.progress) if (progress.id === id) return progress;
  return null;
}

/** Notes that a peer has answered. Null when this member does not lead, or the peer is no member any more. */
export function hearFromPeer(context: RaftContext, id: NodeId): Progress | null {
  const { leadership, now } = context.state;
  const progress = leadership === null ? null : progressOf(leadership, id);
  if (progress !== null) progress.lastContactAt = now;
  return progress;
}

export function progressForMembers(context: RaftContext, known: readonly Progress[]): Progress[] {
  const { state } = context;
  return membersOf(currentConfiguration(state))
    .filter((id) => id !== state.id)
    .map((id) => known.find((progress) => progress.id === id) ?? newProgress(id, lastIndex(state.log) + 1, state.now));
}

function followConfiguration(context: RaftContext): void {
  const { leadership } = context.state;
  if (leadership === null) return;
  leadership.progress = progressForMembers(context, leadership.progress);
  leadership.reads = leadership.reads.filter(
    (read) => read.from === context.state.id || progressOf(leadership, read.from) !== null,
  );
  leadership.replicationDue = true;
}

function appendConfiguration(context: RaftContext, configuration: Configuration): Entry {
  const entry = appendOwnEntry(context, "configuration", new Uint8Array(0), configuration);
  adoptConfiguration(context, entry.index, configuration);
  return entry;
}

/** A promoted learner counts at once, so one that lacks much, or is gone, would hold up every commit (thesis §4.2.1). */
function hasCaughtUp(context: RaftContext, leadership: LeadershipState, id: NodeId): boolean {
  const progress = progressOf(leadership, id);
  if (progress === null) return true; // not a member: the change itself is refused
  const { state, options } = context;
  const lag = lastIndex(state.log) - progress.matchIndex;
  const silentMs = state.now - progress.lastContactAt;
  return lag <= options.maxPromotionLagEntries && progress.matchIndex > 0 && silentMs < options.electionTimeoutMs;
}

function refuse(code: ReconfigureRefusal, reason: string): ReconfigureResult {
  return { ok: false, code, reason };
}
