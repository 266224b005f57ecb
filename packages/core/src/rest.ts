import { lastIndex } from "./log.js";
import type { HeartbeatRequest } from "./message.js";
import { send } from "./pending.js";
import type { Progress } from "./progress.js";
import type { LeadershipState, RaftContext, RaftState } from "./state.js";

/*
 * A group in which nothing goes on rests: its leader is heard of every `restingHeartbeatIntervalMs` only, and its followers
 * wait so much longer before they campaign. Whoever hosts the members watches over the processes meanwhile, and rouses them
 * when one is gone (`Raft.rouse`). Only time depends on that: a group that nobody rouses finds out by itself, later.
 *
 * The leader rests once every other member has agreed to, in answer to the latest round of heartbeats. A member that agrees
 * holds all of the log and knows it to be committed. No promise changes: leases and votes go by the same times as ever.
 */

/** A resting follower campaigns after so many intervals, plus an election timeout, without its leader. */
const PATIENCE_INTERVALS = 3;

/** Nothing goes on in its group, and it knows that all others know. */
export function isResting({ leadership, timers }: RaftState): boolean {
  return leadership?.resting ?? timers.resting;
}

/** Something goes on in the leader's group: it doesn't rest, for a while. */
export function noteActivity(context: RaftContext): void {
  const { state } = context;
  const { leadership } = state;
  if (leadership === null) return;
  leadership.activeAt = state.now;
  if (!leadership.resting) return;
  leadership.resting = false;
  // Nobody has had to be heard of meanwhile.
  leadership.awakeSince = state.now;
  leadership.heartbeatDeadline = state.now;
}

/** Whether a round of heartbeats may ask for rest: there is nothing that any member lacks, or waits for. */
export function mayRest(context: RaftContext, leadership: LeadershipState): boolean {
  const { state, options } = context;
  if (options.restAfterMs === 0 || state.now - leadership.activeAt < options.restAfterMs) return false;
  const last = lastIndex(state.log);
  if (state.commitIndex < last || leadership.reads.length > 0 || leadership.transfer !== null) return false;
  return leadership.progress.every((progress) => progress.state === "replicate" && progress.matchIndex === last);
}

/** A peer has answered a round. When all agree, the leader rests; when one doesn't, it no longer does. */
export function noteRestAnswer(context: RaftContext, progress: Progress, round: number, resting: boolean): void {
  const { leadership } = context.state;
  if (leadership === null) return;
  if (!resting) {
    progress.restingRound = 0;
    if (leadership.resting) noteActivity(context);
    return;
  }
  progress.restingRound = Math.max(progress.restingRound, round);
  restIfAgreed(context, leadership);
}

/** Begins to rest where every peer has agreed to the latest round. */
export function restIfAgreed(context: RaftContext, leadership: LeadershipState): void {
  if (leadership.resting || !mayRest(context, leadership) || !isAgreed(leadership)) return;
  leadership.resting = true;
  leadership.heartbeatDeadline = context.state.now + context.options.restingHeartbeatIntervalMs;
}

/** A resting leader's heartbeats are due. Whoever has left the last ones without answer ends the rest. */
export function endRestUnlessAgreed(context: RaftContext, leadership: LeadershipState): void {
  if (leadership.resting && !isAgreed(leadership)) noteActivity(context);
}

/** A follower rests, where its leader asks for it and nothing is missing or waited for here. Returns whether it does. */
export function restAsFollower(context: RaftContext, message: HeartbeatRequest): boolean {
  const { state, options } = context;
  const { timers, forwardedReads } = state;
  if (!message.mayRest || options.restAfterMs === 0 || state.incomingSnapshot !== null) return false;
  if (message.commitIndex !== lastIndex(state.log) || state.commitIndex !== message.commitIndex) return false;
  if (forwardedReads.gathering.length > 0 || forwardedReads.waiting.length > 0) return false;
  const patienceMs = PATIENCE_INTERVALS * options.restingHeartbeatIntervalMs;
  timers.electionDeadline = state.now + patienceMs + timers.randomizedElectionTimeoutMs;
  timers.resting = true;
  return true;
}

/**
 * Ends the rest, if there is one. A follower goes on as if it had last heard of its leader at `leaderHeardAt`, and has the
 * leader, if that is still there, send heartbeats again.
 */
export function rouse(context: RaftContext, leaderHeardAt: number): void {
  const { state, options } = context;
  const { timers } = state;
  if (state.leadership !== null) return noteActivity(context);
  if (!timers.resting) return;
  timers.resting = false;
  timers.electionDeadline = leaderHeardAt + timers.randomizedElectionTimeoutMs;
  timers.stickyUntil = Math.max(timers.stickyUntil, leaderHeardAt + options.electionTimeoutMs);
  const { id, term, leader } = state;
  if (leader === null) return;
  send(context, { type: "heartbeatResponse", from: id, to: leader, term, round: 0, resting: false });
}

function isAgreed(leadership: LeadershipState): boolean {
  return leadership.progress.every(({ restingRound }) => restingRound === leadership.round);
}
