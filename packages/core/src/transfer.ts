import { isJoint } from "./configurationChange.js";
import type { NodeId } from "./entry.js";
import { lastIndex } from "./log.js";
import { progressOf } from "./membership.js";
import { emit, send } from "./pending.js";
import type { Progress } from "./progress.js";
import { noteActivity } from "./rest.js";
import { becomeFollower } from "./roles.js";
import { currentConfiguration, currentConfigurationIndex, type RaftContext } from "./state.js";

export type TransferRefusal = "NOT_LEADER" | "TRANSFERRING_LEADERSHIP" | "CHANGE_IN_PROGRESS" | "NOT_A_VOTER";

export type TransferResult =
  { readonly ok: true } | { readonly ok: false; readonly code: TransferRefusal; readonly reason: string };

/**
 * Begins to hand leadership to `to` (thesis §3.10): no more proposals are taken, `to` is brought up to date and told to
 * campaign at once. After an election timeout without success the leader goes on leading.
 */
export function transferLeadership(context: RaftContext, to: NodeId): TransferResult {
  const { state, options } = context;
  const { leadership } = state;
  if (leadership === null) return refuse("NOT_LEADER", "only the leader can hand leadership over");
  if (leadership.transfer !== null) return refuse("TRANSFERRING_LEADERSHIP", "leadership is being handed over already");
  const configuration = currentConfiguration(state);
  // A member that has only just been made a voter may not know it, or may cease to be one when the change is undone.
  if (isJoint(configuration) || currentConfigurationIndex(state) > state.commitIndex) {
    return refuse("CHANGE_IN_PROGRESS", "a membership change is not committed yet");
  }
  const progress = progressOf(leadership, to);
  if (progress === null || !configuration.voters.includes(to)) {
    return refuse("NOT_A_VOTER", `${to} is not another voter`);
  }
  leadership.transfer = { to, deadline: state.now + options.electionTimeoutMs, timeoutNowSent: false };
  noteActivity(context);
  leadership.replicationDue = true;
  emit(context, { type: "leadershipTransferStarted", to });
  continueTransfer(context, progress);
  return { ok: true };
}

/** Tells the target to campaign as soon as it has the whole log. */
export function continueTransfer(context: RaftContext, progress: Progress): void {
  const { state } = context;
  const transfer = state.leadership?.transfer ?? null;
  if (transfer === null || transfer.timeoutNowSent || transfer.to !== progress.id) return;
  if (progress.matchIndex < lastIndex(state.log)) return;
  transfer.timeoutNowSent = true;
  sendTimeoutNow(context, transfer.to);
}

/** Gives up a transfer that has taken too long. */
export function wakeTransfer(context: RaftContext): void {
  const { state } = context;
  const transfer = state.leadership?.transfer ?? null;
  if (transfer !== null && state.now >= transfer.deadline) endTransfer(context, false);
}

/** Ends a transfer, if there is one. */
export function endTransfer(context: RaftContext, succeeded: boolean): void {
  const { leadership } = context.state;
  if (leadership === null || leadership.transfer === null) return;
  const { to } = leadership.transfer;
  leadership.transfer = null;
  emit(context, { type: "leadershipTransferEnded", to, succeeded });
}

/** A leader that is no longer a voter has finished its last duty: it lets the most advanced voter campaign, and goes. */
export function handOver(context: RaftContext): void {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return;
  const { voters } = currentConfiguration(state);
  let best: Progress | null = null;
  for (const progress of leadership.progress) {
    if (!voters.includes(progress.id)) continue;
    if (best === null || progress.matchIndex > best.matchIndex) best = progress;
  }
  if (best !== null) sendTimeoutNow(context, best.id);
  becomeFollower(context, state.term, null, "it is no longer a voter");
}

function sendTimeoutNow(context: RaftContext, to: NodeId): void {
  const { state } = context;
  // However late this message arrives, its receiver may then be elected in spite of the lease.
  if (state.leadership !== null) state.leadership.leaseForfeited = true;
  send(context, { type: "timeoutNow", from: state.id, to, term: state.term });
}

function refuse(code: TransferRefusal, reason: string): TransferResult {
  return { ok: false, code, reason };
}
