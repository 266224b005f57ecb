import { receiveAppendRequest, rejectAppend } from "./appending.js";
import { receiveTimeoutNow, receiveVoteRequest, receiveVoteResponse, sticksToLeader } from "./election.js";
import { receiveHeartbeatRequest, receiveHeartbeatResponse } from "./heartbeat.js";
import { lastIndex } from "./log.js";
import type { AppendRequest, HeartbeatRequest, Message, SnapshotRequest } from "./message.js";
import { describeMalformedMessage } from "./messageValidation.js";
import { emit, send } from "./pending.js";
import { receiveReadIndexRequest, receiveReadIndexResponse } from "./reads.js";
import { receiveAppendAccepted, receiveAppendRejected } from "./replication.js";
import { becomeFollower, resetElectionTimer, setLeader } from "./roles.js";
import { receiveSnapshotRequest } from "./snapshotReceiving.js";
import { receiveSnapshotResponse } from "./snapshotSending.js";
import type { RaftContext } from "./state.js";

/** Takes a message from another member, whatever it may be. Returns why it was refused, without any effect, or null. */
export function receive(context: RaftContext, message: unknown): string | null {
  const reason = describeMalformedMessage(message) ?? receiveWellFormed(context, message as Message);
  if (reason !== null) {
    const from = String((message as { from?: unknown } | null | undefined)?.from);
    emit(context, { type: "messageRefused", from, reason });
  }
  return reason;
}

function receiveWellFormed(context: RaftContext, message: Message): string | null {
  const { state } = context;
  if (message.to !== state.id) return `it is for ${message.to}`;
  if (message.from === state.id) return "it claims to come from this very member";
  const impossible = describeImpossible(context, message);
  if (impossible !== null) return impossible;
  if (message.term > state.term) {
    if (message.type === "voteRequest" && !message.leadershipTransfer && sticksToLeader(context)) {
      // Its term is not adopted either, or it could unseat a leader that all others are content with (thesis §4.2.3).
      return message.preVote ? dispatch(context, message) : null;
    }
    if (raisesTerm(message)) becomeFollower(context, message.term, null, `${message.from} is in a later term`);
  } else if (message.term < state.term) {
    answerStale(context, message);
    return null;
  }
  return dispatch(context, message);
}

function dispatch(context: RaftContext, message: Message): string | null {
  switch (message.type) {
    case "voteRequest":
      receiveVoteRequest(context, message);
      return null;
    case "voteResponse":
      receiveVoteResponse(context, message);
      return null;
    case "appendRequest":
      return followLeader(context, message) ?? receiveAppendRequest(context, message);
    case "heartbeatRequest": {
      const refused = followLeader(context, message);
      if (refused === null) receiveHeartbeatRequest(context, message);
      return refused;
    }
    case "snapshotRequest": {
      const refused = followLeader(context, message);
      if (refused === null) receiveSnapshotRequest(context, message);
      return refused;
    }
    case "appendAccepted":
      receiveAppendAccepted(context, message);
      return null;
    case "appendRejected":
      receiveAppendRejected(context, message);
      return null;
    case "heartbeatResponse":
      receiveHeartbeatResponse(context, message);
      return null;
    case "snapshotResponse":
      receiveSnapshotResponse(context, message);
      return null;
    case "readIndexRequest":
      receiveReadIndexRequest(context, message);
      return null;
    case "readIndexResponse":
      receiveReadIndexResponse(context, message);
      return null;
    case "timeoutNow":
      receiveTimeoutNow(context, message);
      return null;
  }
}

/** A pre-vote talks of a term that nobody is in yet. */
function raisesTerm(message: Message): boolean {
  if (message.type === "voteRequest") return !message.preVote;
  if (message.type === "voteResponse") return !(message.preVote && message.granted);
  return true;
}

/** Hears from the leader of the present term. Two leaders of one term can't be: the second one is refused, loudly. */
function followLeader(context: RaftContext, message: AppendRequest | HeartbeatRequest | SnapshotRequest): string | null {
  const { state, options } = context;
  const { from, term } = message;
  if (state.leader !== null && state.leader !== from) {
    return `${from} claims to lead term ${term}, which ${state.leader} leads: the cluster is broken`;
  }
  if (state.role === "follower") {
    resetElectionTimer(context);
    setLeader(context, from);
  } else {
    becomeFollower(context, term, from, `${from} leads the term`);
  }
  state.timers.stickyUntil = state.now + options.electionTimeoutMs;
  return null;
}

/** Who is behind learns the term: a leader that is over steps down, and a candidate doesn't wait in vain. */
function answerStale(context: RaftContext, message: Message): void {
  const { state } = context;
  const { id, term } = state;
  switch (message.type) {
    case "voteRequest":
      send(context, { type: "voteResponse", from: id, to: message.from, term, preVote: message.preVote, granted: false });
      return;
    case "appendRequest":
    case "heartbeatRequest":
    case "snapshotRequest":
      rejectAppend(context, message.from, lastIndex(state.log) + 1);
      return;
    default:
  }
}

/** What no correct member can say to this one, in this term. */
function describeImpossible(context: RaftContext, message: Message): string | null {
  const { state } = context;
  if (message.term !== state.term || state.leadership === null) return null;
  const last = lastIndex(state.log);
  switch (message.type) {
    case "appendAccepted":
      return message.matchIndex > last ? `it acknowledges entry ${message.matchIndex}, and the log ends at ${last}` : null;
    case "appendRejected":
      return message.rejectedIndex > last + 1 ? `it rejects entry ${message.rejectedIndex}, and the log ends at ${last}` : null;
    case "heartbeatResponse":
      return message.round > state.leadership.round ? `it answers round ${message.round}, which was not sent` : null;
    default:
      return null;
  }
}

