import { describeConflictWithCommitted, receiveAppendRequest, rejectAppend } from "./appending.js";
import { receiveTimeoutNow, receiveVoteRequest, receiveVoteResponse, sticksToLeader } from "./election.js";
import { receiveHeartbeatRequest, receiveHeartbeatResponse } from "./heartbeat.js";
import { MAX_ID_LENGTH } from "./configurationChange.js";
import { lastIndex, termAt } from "./log.js";
import type {
  AppendAccepted,
  AppendRejected,
  AppendRequest,
  HeartbeatRequest,
  HeartbeatResponse,
  Message,
  SnapshotRequest,
} from "./message.js";
import { describeMalformedMessage } from "./messageValidation.js";
import { emit, send } from "./pending.js";
import { receiveReadIndexRequest, receiveReadIndexResponse } from "./reads.js";
import { receiveAppendAccepted, receiveAppendRejected } from "./replication.js";
import { rouse } from "./rest.js";
import { becomeFollower, drawElectionTimeout, resetElectionTimer, setLeader } from "./roles.js";
import { receiveSnapshotRequest } from "./snapshotReceiving.js";
import { receiveSnapshotResponse } from "./snapshotSending.js";
import type { RaftContext } from "./state.js";

/**
 * How far beyond the own term another member's can be. No cluster ever holds so many elections while a member is away; a
 * damaged message must not bring it to where terms can't be counted any more. A fresh member has no own term to go by.
 */
const MAX_TERM_LEAP = 2 ** 32;

/** Takes a message from another member, whatever it may be. Returns why it was refused, without any effect, or null. */
export function receive(context: RaftContext, message: unknown): string | null {
  const reason = describeMalformedMessage(message) ?? receiveWellFormed(context, message as Message);
  if (reason !== null) {
    const from = (message as { from?: unknown } | null | undefined)?.from;
    emit(context, {
      type: "messageRefused",
      from: typeof from === "string" ? from.slice(0, MAX_ID_LENGTH) : "",
      reason,
    });
  }
  return reason;
}

function receiveWellFormed(context: RaftContext, message: Message): string | null {
  const { state } = context;
  if (message.to !== state.id) return `it is for ${message.to}`;
  if (message.from === state.id) return "it claims to come from this very member";
  const impossible = describeImpossible(context, message);
  if (impossible !== null) return impossible;
  // Somebody has a doubt whether the leader is there: the answer is that of a member awake.
  if (message.type === "voteRequest") rouse(context, state.now);
  if (message.term > state.term) {
    if (message.type === "voteRequest" && !message.leadershipTransfer && sticksToLeader(context)) {
      // Its term is not adopted either, or it could unseat a leader that all others are content with (thesis §4.2.3).
      if (message.preVote) dispatch(context, message);
      return null;
    }
    if (raisesTerm(message)) becomeFollower(context, message.term, null, `${message.from} is in a later term`);
  } else if (message.term < state.term) {
    answerStale(context, message);
    return null;
  }
  dispatch(context, message);
  return null;
}

function dispatch(context: RaftContext, message: Message): void {
  switch (message.type) {
    case "voteRequest":
      receiveVoteRequest(context, message);
      return;
    case "voteResponse":
      receiveVoteResponse(context, message);
      return;
    case "appendRequest":
      followLeader(context, message);
      receiveAppendRequest(context, message);
      return;
    case "heartbeatRequest":
      followLeader(context, message);
      receiveHeartbeatRequest(context, message);
      return;
    case "snapshotRequest":
      followLeader(context, message);
      receiveSnapshotRequest(context, message);
      return;
    case "appendAccepted":
      receiveAppendAccepted(context, message);
      return;
    case "appendRejected":
      receiveAppendRejected(context, message);
      return;
    case "heartbeatResponse":
      receiveHeartbeatResponse(context, message);
      return;
    case "snapshotResponse":
      receiveSnapshotResponse(context, message);
      return;
    case "readIndexRequest":
      receiveReadIndexRequest(context, message);
      return;
    case "readIndexResponse":
      receiveReadIndexResponse(context, message);
      return;
    case "timeoutNow":
      receiveTimeoutNow(context, message);
      return;
  }
}

/** A pre-vote talks of a term that nobody is in yet. */
function raisesTerm(message: Message): boolean {
  if (message.type === "voteRequest") return !message.preVote;
  if (message.type === "voteResponse") return !(message.preVote && message.granted);
  return true;
}

/** Hears from the leader of the present term. */
function followLeader(context: RaftContext, message: AppendRequest | HeartbeatRequest | SnapshotRequest): void {
  const { state, options } = context;
  const { from, term } = message;
  if (state.role === "follower") {
    // For each reign anew: a member that once drew a long timeout would otherwise never be the first to notice.
    if (state.leader === from) resetElectionTimer(context);
    else drawElectionTimeout(context);
    setLeader(context, from);
  } else {
    becomeFollower(context, term, from, `${from} leads the term`);
  }
  state.timers.stickyUntil = state.now + options.electionTimeoutMs;
  state.election.calledUpon = false;
}

/** Who is behind learns the term: a leader that is over steps down, and a candidate doesn't wait in vain. */
function answerStale(context: RaftContext, message: Message): void {
  const { state } = context;
  const { id, term } = state;
  switch (message.type) {
    case "voteRequest":
      send(context, {
        type: "voteResponse",
        from: id,
        to: message.from,
        term,
        preVote: message.preVote,
        granted: false,
      });
      return;
    case "appendRequest":
    case "heartbeatRequest":
    case "snapshotRequest":
      rejectAppend(context, message.from, lastIndex(state.log) + 1);
      return;
    case "voteResponse":
    case "appendAccepted":
    case "appendRejected":
    case "heartbeatResponse":
    case "snapshotResponse":
    case "readIndexRequest":
    case "readIndexResponse":
    case "timeoutNow":
      return;
  }
}

/** What no correct member can say to this one. */
function describeImpossible(context: RaftContext, message: Message): string | null {
  const { state } = context;
  if (state.term > 0 && message.term > state.term + MAX_TERM_LEAP)
    return `its term ${message.term} is out of all proportion`;
  if (message.term < state.term) return null;
  switch (message.type) {
    case "appendRequest":
      return describeSecondLeader(context, message) ?? describeConflictWithCommitted(context, message);
    case "heartbeatRequest":
      return describeSecondLeader(context, message);
    case "snapshotRequest":
      return describeSecondLeader(context, message) ?? describeConflictingSnapshot(context, message);
    case "appendAccepted":
    case "appendRejected":
    case "heartbeatResponse":
      return message.term === state.term ? describeImpossibleAnswer(context, message) : null;
    case "voteRequest":
    case "voteResponse":
    case "snapshotResponse":
    case "readIndexRequest":
    case "readIndexResponse":
    case "timeoutNow":
      return null;
  }
}

/** Two leaders of one term can't be: the second one is refused, loudly. */
function describeSecondLeader(
  context: RaftContext,
  { term, from }: AppendRequest | HeartbeatRequest | SnapshotRequest,
): string | null {
  const { state } = context;
  if (term !== state.term || state.leader === null || state.leader === from) return null;
  return `${from} claims to lead term ${term}, which ${state.leader} leads: the cluster is broken`;
}

/** What a snapshot contains is committed, and so is what is committed here. */
function describeConflictingSnapshot({ state }: RaftContext, { snapshot }: SnapshotRequest): string | null {
  if (snapshot.index > state.commitIndex) return null;
  const own = termAt(state.log, snapshot.index);
  if (own === null || own === snapshot.term) return null;
  return `the snapshot's entry ${snapshot.index} is committed here with another term`;
}

function describeImpossibleAnswer(
  { state }: RaftContext,
  message: AppendAccepted | AppendRejected | HeartbeatResponse,
): string | null {
  if (state.leadership === null) return null;
  const last = lastIndex(state.log);
  switch (message.type) {
    case "appendAccepted":
      return message.matchIndex > last
        ? `it acknowledges entry ${message.matchIndex}, and the log ends at ${last}`
        : null;
    case "appendRejected":
      return message.rejectedIndex > last
        ? `it rejects entry ${message.rejectedIndex}, and the log ends at ${last}`
        : null;
    case "heartbeatResponse":
      return message.round > state.leadership.round ? `it answers round ${message.round}, which was not sent` : null;
  }
}
