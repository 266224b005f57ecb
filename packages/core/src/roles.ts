import type { NodeId } from "./entry.js";
import { invariant } from "./errors.js";
import { lastIndex } from "./log.js";
import { progressForMembers } from "./membership.js";
import { emit } from "./pending.js";
import { appendOwnEntry } from "./proposals.js";
import { refuseForwardedReads, refusePendingReads } from "./reads.js";
import type { Role } from "./event.js";
import type { RaftContext } from "./state.js";
import { endTransfer } from "./transfer.js";

/** Terms stay below this, so that arithmetic on them is exact. */
export const MAX_TERM = 2 ** 52;

/** Follows `leader` in `term`, or nobody yet. The only place where a term rises by what another member said. */
export function becomeFollower(context: RaftContext, term: number, leader: NodeId | null, reason: string): void {
  const { state } = context;
  invariant(term >= state.term, `the term does not fall from ${state.term} to ${term}`);
  const { role } = state;
  leaveRole(context);
  setTerm(context, term);
  changeRole(context, "follower", reason);
  // A term alone is no reason to wait longer: else a member that can't win could keep all others from campaigning (§5.2).
  if (leader !== null || role === "leader") drawElectionTimeout(context);
  setLeader(context, leader);
}

/** Asks around before disturbing anyone with a new term (thesis §9.6). */
export function becomePreCandidate(context: RaftContext): void {
  const { state } = context;
  leaveRole(context);
  changeRole(context, "preCandidate", "no leader was heard of");
  setLeader(context, null);
  drawElectionTimeout(context);
  state.election.votes = [{ id: state.id, granted: true }];
  state.election.leadershipTransfer = false;
}

/** Opens a new term and votes for itself. The vote counts once it is durable. */
export function becomeCandidate(context: RaftContext, leadershipTransfer: boolean): void {
  const { state } = context;
  leaveRole(context);
  setTerm(context, state.term + 1);
  state.vote = state.id;
  changeRole(context, "candidate", leadershipTransfer ? "the leader handed over" : "no leader was heard of");
  setLeader(context, null);
  drawElectionTimeout(context);
  state.election.votes = [];
  state.election.ownVotePosition = state.persistence.lastPosition + 1;
  state.election.leadershipTransfer = leadershipTransfer;
}

/** Leads the term, and opens it with a no-op: only by an entry of its own term can it commit (§5.4.2, §8). */
export function becomeLeader(context: RaftContext): void {
  const { state } = context;
  invariant(state.role === "candidate", `only a candidate becomes leader, not a ${state.role}`);
  invariant(state.vote === state.id, "a leader has voted for itself");
  leaveRole(context);
  state.leadership = {
    termStartIndex: lastIndex(state.log) + 1,
    progress: progressForMembers(context, []),
    heartbeatDeadline: state.now,
    round: 0,
    roundsSentAt: [],
    uncommittedBytes: 0,
    activeAt: state.now,
    resting: false,
    awakeSince: state.now,
    transfer: null,
    leaseForfeited: false,
    reads: [],
    replicationDue: true,
  };
  state.election.calledUpon = false;
  changeRole(context, "leader", "a quorum voted for it");
  appendOwnEntry(context, "noop", new Uint8Array(0), null);
  setLeader(context, state.id);
}

/** Whoever leads is known now, or known to be unknown. */
export function setLeader(context: RaftContext, leader: NodeId | null): void {
  const { state } = context;
  if (state.leader === leader) return;
  if (state.leader !== null) refuseForwardedReads(context, leader === null ? "NO_LEADER" : "LEADERSHIP_LOST");
  state.leader = leader;
  if (leader === null) return;
  state.election.setbacks = 0;
  emit(context, { type: "leaderElected", leader, term: state.term });
}

export function drawElectionTimeout(context: RaftContext): void {
  const { state, options } = context;
  const random = context.random();
  invariant(random >= 0 && random < 1, () => `a random number lies from 0 to below 1, not ${random}`);
  state.timers.randomizedElectionTimeoutMs = options.electionTimeoutMs * (1 + random);
  resetElectionTimer(context);
}

export function resetElectionTimer(context: RaftContext): void {
  const { timers, now } = context.state;
  timers.electionDeadline = now + timers.randomizedElectionTimeoutMs;
  timers.resting = false;
}

function setTerm(context: RaftContext, term: number): void {
  const { state } = context;
  if (term === state.term) return;
  invariant(term > state.term && term <= MAX_TERM, `the term rises from ${state.term}, to ${term}, within bounds`);
  state.term = term;
  state.vote = null;
  state.persistence.hardStateChanged = true;
  setLeader(context, null);
  emit(context, { type: "termChanged", term });
}

function changeRole(context: RaftContext, role: Role, reason: string): void {
  const { state } = context;
  if (state.role === role) return;
  state.role = role;
  emit(context, { type: "roleChanged", role, term: state.term, reason });
}

/** Ends what belongs to the role that is left: every waiting read gets its answer. */
function leaveRole(context: RaftContext): void {
  const { state } = context;
  if (state.leadership !== null) {
    refusePendingReads(context, "LEADERSHIP_LOST");
    endTransfer(context, state.leadership.transfer?.timeoutNowSent ?? false);
    state.leadership = null;
  }
  // It waits for nobody any more who could have said that nothing goes on.
  if (state.timers.resting) resetElectionTimer(context);
  state.election.votes = [];
  state.election.ownVotePosition = 0;
  state.election.leadershipTransfer = false;
}
