import type {
  AppendRequest,
  Message,
  NodeId,
  Raft,
  ReadIndexResponse,
  SnapshotRequest,
  VoteRequest,
  VoteResponse,
} from "@balsa/core";
import type { PeerMessage } from "@balsa/replica";
import type { CoverageWatch } from "./coverageWatch.js";
import type { MemberNotes } from "./memberNotes.js";

/** Situations that show in a message and the member it comes to. */
export function noteDelivery(watch: CoverageWatch, raft: Raft, notes: MemberNotes, message: PeerMessage): void {
  if (watch.raft(message.from) === null) watch.reach("messageOutlivesSender");
  switch (message.type) {
    case "forwardRequest":
      return watch.reach(raft.role === "leader" ? "commandForwarded" : "forwardedToDeposedLeader");
    case "forwardResponse":
    case "beacon":
    case "heartbeatBatch":
      return;
    case "voteRequest":
      noteVoteRequest(watch, raft, notes, message);
      break;
    case "voteResponse":
      noteVoteResponse(watch, raft, message);
      break;
    case "appendRequest":
      noteReign(watch, raft, message);
      noteAppend(watch, raft, notes, message);
      break;
    case "heartbeatRequest":
      noteReign(watch, raft, message);
      break;
    case "snapshotRequest":
      noteReign(watch, raft, message);
      noteSnapshotChunk(watch, raft, notes, message);
      break;
    case "appendAccepted":
      if (message.term < raft.term) watch.reach("acknowledgementForPastTerm");
      else if (raft.role === "leader" && !isMember(raft, message.from)) watch.reach("acknowledgementOfRemoved");
      break;
    case "appendRejected":
      if (raft.role === "leader" && message.rejectedIndex - message.hintIndex > 1) watch.reach("hintSkipsEntries");
      break;
    case "readIndexRequest":
      if (raft.role !== "leader") watch.reach("readAskedOfDeposedLeader");
      else if (raft.termAt(raft.commitIndex) !== raft.term) watch.reach("readBeforeTermsFirstCommit");
      break;
    case "readIndexResponse":
      noteReadIndex(watch, raft, message);
      break;
    case "timeoutNow":
      if (raft.role !== "follower" || raft.leader !== message.from) watch.reach("campaignOrderComesLate");
      break;
    case "heartbeatResponse":
    case "snapshotResponse":
      break;
  }
  noteLaterTerm(watch, raft, message);
}

function noteLaterTerm(watch: CoverageWatch, raft: Raft, message: Message): void {
  if (message.term <= raft.term) return;
  // A pre-vote names a term that nobody is in.
  if ((message.type === "voteRequest" || message.type === "voteResponse") && message.preVote) return;
  if (raft.role === "leader") watch.reach("leaderMeetsLaterTerm");
  else if (raft.role === "candidate") watch.reach("candidateMeetsLaterTerm");
}

/** What comes from a leader, or from one who takes itself for it. */
function noteReign(watch: CoverageWatch, raft: Raft, { term }: Message): void {
  if (term < raft.term) watch.reach("deposedLeaderStillSends");
  else if (term === raft.term && raft.role === "candidate") watch.reach("candidateFindsLeader");
}

function noteVoteRequest(watch: CoverageWatch, raft: Raft, notes: MemberNotes, message: VoteRequest): void {
  const { from, term, preVote, lastLogIndex, lastLogTerm } = message;
  if (raft.lastLogIndex > 0 && !isMember(raft, from)) watch.reach("voteAskedByStranger");
  if (term < raft.term) return;
  const ownLastTerm = raft.termAt(raft.lastLogIndex) ?? 0;
  if (lastLogTerm < ownLastTerm || (lastLogTerm === ownLastTerm && lastLogIndex < raft.lastLogIndex)) {
    watch.reach("candidateLogBehind");
  }
  if (preVote) {
    if (raft.leader !== null) watch.reach("preVoteDuringReign");
  } else if (term > raft.term) {
    notes.askedInTerm = term;
  } else if (raft.vote !== null && raft.vote !== from) {
    watch.reach("voteGivenAlready");
    if (notes.votedBeforeStart === term) watch.reach("voteRememberedOverRestart");
  }
}

function noteVoteResponse(watch: CoverageWatch, raft: Raft, { preVote, granted, term }: VoteResponse): void {
  if (preVote) {
    if (!granted && raft.role === "preCandidate") watch.reach("preVoteRefused");
  } else if (granted) {
    if (term < raft.term) watch.reach("voteForPastTerm");
    else if (raft.role === "leader") watch.reach("voteAfterElection");
  }
}

function noteAppend(watch: CoverageWatch, raft: Raft, notes: MemberNotes, message: AppendRequest): void {
  const { term, previousLogIndex, previousLogTerm, entries } = message;
  if (term < raft.term) {
    const isCutOff = entries.some(({ index, term: of }) => index >= notes.cutFrom && raft.termAt(index) !== of);
    if (isCutOff) watch.reach("appendBehindTruncation");
    return;
  }
  const last = entries[entries.length - 1];
  if (previousLogIndex > raft.lastLogIndex) watch.reach("appendLeavesGap");
  else if (previousLogIndex < raft.baseIndex) watch.reach("appendReachesBehindSnapshot");
  else if (raft.termAt(previousLogIndex) !== previousLogTerm) watch.reach("appendConflicts");
  else if (last !== undefined && raft.termAt(last.index) === last.term) {
    watch.reach(last.index < raft.lastLogIndex ? "shorterAppendComesLate" : "appendRepeated");
  }
}

function noteSnapshotChunk(watch: CoverageWatch, raft: Raft, notes: MemberNotes, message: SnapshotRequest): void {
  const { from, term, offset, data } = message;
  const { index, checksum } = message.snapshot;
  if (term < raft.term) return;
  if (index <= raft.commitIndex) return watch.reach("snapshotComesTooLate");
  const { incoming } = notes;
  const end = offset + data.length;
  if (incoming === null || incoming.index !== index || incoming.checksum !== checksum) {
    if (incoming !== null) watch.reach("snapshotReplacedHalfway");
    notes.incoming = { index, checksum, from, offset: end };
    return;
  }
  if (offset < incoming.offset) watch.reach("snapshotChunkRepeated");
  if (from !== incoming.from && offset > 0) watch.reach("snapshotGoesOnUnderNextLeader");
  notes.incoming = { index, checksum, from, offset: Math.max(end, incoming.offset) };
}

function noteReadIndex(watch: CoverageWatch, raft: Raft, { from, index }: ReadIndexResponse): void {
  if (index === null) return watch.reach("readRefusedByLeader");
  watch.reach("readConfirmedByFollower");
  if (index > raft.appliedIndex) watch.reach("readWaitsForEntries");
  if (watch.notes(from).transferringTo !== null) watch.reach("readConfirmedDuringTransfer");
}

function isMember({ configuration }: Raft, id: NodeId): boolean {
  const { voters, votersOutgoing, learners } = configuration;
  return voters.includes(id) || votersOutgoing.includes(id) || learners.includes(id);
}
