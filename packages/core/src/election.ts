import { isVoter, membersOf } from "./configurationChange.js";
import { quorumDeadline } from "./lease.js";
import { isUpToDate, lastIndex, lastTerm } from "./log.js";
import type { TimeoutNow, VoteRequest, VoteResponse } from "./message.js";
import { send, sendAfterPersist } from "./pending.js";
import { voteOutcome } from "./quorum.js";
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate, resetElectionTimer } from "./roles.js";
import { currentConfiguration, currentConfigurationIndex, type RaftContext, type RaftState } from "./state.js";

/** By then the next campaign waits for an election timeout anyway. */
const MAX_SETBACKS_COUNTED = 10;

/** Campaigns when no leader has been heard of for long enough. */
export function wakeElection(context: RaftContext): void {
  const { state, options } = context;
  if (state.role === "leader" || state.now < state.timers.electionDeadline) return;
  if (!mayCampaign(state)) {
    resetElectionTimer(context);
  } else if (options.preVote) {
    becomePreCandidate(context);
    requestVotes(context, true);
    countVotes(context);
  } else {
    campaign(context, false);
  }
}

/** Stands for election in a new term. */
export function campaign(context: RaftContext, leadershipTransfer: boolean): void {
  becomeCandidate(context, leadershipTransfer);
  requestVotes(context, false);
}

/** Whether a rival of the leader gets no vote: the leader has been heard of, or is this member itself (thesis §4.2.3). */
export function sticksToLeader(context: RaftContext): boolean {
  const { state, options } = context;
  if (!options.leaderStickiness) return false;
  if (state.leadership !== null) return state.now < quorumDeadline(context, state.leadership);
  return state.now < state.timers.stickyUntil;
}

/** Gives a vote, or a pre-vote, or says why not (§5.2, §5.4.1). */
export function receiveVoteRequest(context: RaftContext, message: VoteRequest): void {
  const { state } = context;
  const upToDate = !isLogAhead(context, message);
  if (!upToDate && state.now >= state.timers.electionDeadline) state.election.calledUpon = true;
  if (message.preVote) {
    // It binds nobody, so neither term nor vote change; but who hears from a leader has no use for another.
    const granted = message.term > state.term && upToDate && !sticksToLeader(context);
    respond(context, message, granted);
    if (granted) giveWay(context, message);
    return;
  }
  const free = state.vote === null || state.vote === message.from;
  // A promise to the leader of the last term holds, whatever message has brought the new one (thesis §6.4.1).
  const bound = !message.leadershipTransfer && state.vote === null && sticksToLeader(context);
  const granted = free && state.leader === null && upToDate && !bound;
  if (granted && state.vote === null) {
    state.vote = message.from;
    state.persistence.hardStateChanged = true;
    resetElectionTimer(context);
  }
  respond(context, message, granted);
}

export function receiveVoteResponse(context: RaftContext, message: VoteResponse): void {
  const { state } = context;
  const campaigning = message.preVote ? state.role === "preCandidate" : state.role === "candidate";
  const expectedTerm = message.preVote && message.granted ? state.term + 1 : state.term;
  if (!campaigning || message.term !== expectedTerm) return;
  if (!message.granted && state.election.votes.every(({ granted }) => granted)) standAgainSoon(context);
  recordVote(context, message.from, message.granted);
}

/** The own vote is durable: it counts from now on. */
export function recordOwnVotePersisted(context: RaftContext): void {
  const { state } = context;
  const { ownVotePosition } = state.election;
  if (ownVotePosition === 0 || state.persistence.durablePosition < ownVotePosition) return;
  state.election.ownVotePosition = 0;
  recordVote(context, state.id, true);
}

/** The leader hands over: campaign at once, without asking first and in spite of stickiness (thesis §3.10). */
export function receiveTimeoutNow(context: RaftContext, message: TimeoutNow): void {
  const { state } = context;
  if (state.role !== "follower" || state.leader !== message.from) return;
  if (mayCampaign(state)) campaign(context, true);
}

/**
 * Voters campaign; so does a member that a configuration not yet committed has removed. The others may need it to get
 * that very configuration committed, for its log may be longer than theirs (thesis §4.2.2).
 *
 * So, too, does a learner of whom a candidate wants a vote that its longer log forbids: by the candidate's log it is a voter
 * already, and where the one who made it longer is gone for good, nobody else could win. It needs the votes of its own
 * configuration's quorum, as everybody does, and does not count itself.
 */
export function mayCampaign(state: RaftState): boolean {
  const current = currentConfiguration(state);
  if (isVoter(current, state.id)) return true;
  if (state.election.calledUpon && current.learners.includes(state.id)) return true;
  const before = state.configurations[state.configurations.length - 2];
  return (
    before !== undefined &&
    currentConfigurationIndex(state) > state.commitIndex &&
    isVoter(before.configuration, state.id)
  );
}

/**
 * Whoever has endorsed another lets it go ahead for a little while: two that stand at once split the votes. Of two that ask
 * at the same time, the one with the better log goes ahead, or else the one with the smaller id.
 */
function giveWay(context: RaftContext, { from, lastLogIndex, lastLogTerm }: VoteRequest): void {
  const { state } = context;
  if (state.role === "preCandidate") {
    const isEqual = lastLogIndex === lastIndex(state.log) && lastLogTerm === lastTerm(state.log);
    if (isEqual && state.id < from) return;
    becomeFollower(context, state.term, null, `${from} asks for votes, too`);
    standAgainSoon(context);
  } else if (state.role !== "leader") {
    const { timers, now } = state;
    timers.electionDeadline = Math.max(timers.electionDeadline, now + context.options.heartbeatIntervalMs);
  }
}

/**
 * This campaign may well fail, for the votes are split or somebody has heard of a leader more recently: the next one does
 * not wait for a whole election timeout, at first. A member that never succeeds soon comes to ask no more often than that.
 */
function standAgainSoon(context: RaftContext): void {
  const { state, options } = context;
  const { timers, election } = state;
  const delayMs = options.heartbeatIntervalMs * (1 + context.random()) * 2 ** election.setbacks;
  timers.electionDeadline = Math.min(timers.electionDeadline, state.now + delayMs);
  election.setbacks = Math.min(election.setbacks + 1, MAX_SETBACKS_COUNTED);
}

function recordVote(context: RaftContext, id: string, granted: boolean): void {
  const { votes } = context.state.election;
  if (!isVoter(currentConfiguration(context.state), id) || votes.some((vote) => vote.id === id)) return;
  votes.push({ id, granted });
  countVotes(context);
}

function countVotes(context: RaftContext): void {
  const { state } = context;
  const { votes } = state.election;
  const outcome = voteOutcome(
    currentConfiguration(state),
    (id) => votes.find((vote) => vote.id === id)?.granted ?? null,
  );
  if (outcome === "lost") becomeFollower(context, state.term, null, "a quorum refused its vote");
  else if (outcome === "won" && state.role === "preCandidate") campaign(context, false);
  else if (outcome === "won") becomeLeader(context);
}

function requestVotes(context: RaftContext, preVote: boolean): void {
  const { state } = context;
  for (const to of membersOf(currentConfiguration(state))) {
    if (to === state.id || !isVoter(currentConfiguration(state), to)) continue;
    const request: VoteRequest = {
      type: "voteRequest",
      from: state.id,
      to,
      term: preVote ? state.term + 1 : state.term,
      preVote,
      leadershipTransfer: state.election.leadershipTransfer,
      lastLogIndex: lastIndex(state.log),
      lastLogTerm: lastTerm(state.log),
    };
    // A request for a real vote promises that the log it names will not be lost: after a crash with a shorter log, late
    // votes for the longer one must find a later term.
    if (preVote) send(context, request);
    else sendAfterPersist(context, request);
  }
}

function isLogAhead(context: RaftContext, message: VoteRequest): boolean {
  const { log } = context.state;
  const equal = lastTerm(log) === message.lastLogTerm && lastIndex(log) === message.lastLogIndex;
  return !equal && isUpToDate(log, message.lastLogIndex, message.lastLogTerm);
}

function respond(context: RaftContext, message: VoteRequest, granted: boolean): void {
  const { state } = context;
  const term = message.preVote && granted ? message.term : state.term;
  const { preVote, from } = message;
  const response: VoteResponse = { type: "voteResponse", from: state.id, to: from, term, preVote, granted };
  if (granted && !preVote) sendAfterPersist(context, response);
  else send(context, response);
}
