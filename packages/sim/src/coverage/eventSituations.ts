import type { Configuration, NodeId, Raft } from "@balsa/core";
import type { ReplicaEvent } from "@balsa/replica";
import type { ClusterNode } from "../world/clusterNode.js";
import type { CoverageWatch } from "./coverageWatch.js";
import type { MemberNotes } from "./memberNotes.js";

type EventOf<Type extends ReplicaEvent["type"]> = Extract<ReplicaEvent, { readonly type: Type }>;

const MANY_ENTRIES = 3;

/** Situations that show in what a member tells of itself. */
export function noteEvent(watch: CoverageWatch, node: ClusterNode, notes: MemberNotes, event: ReplicaEvent): void {
  const raft = node.replica?.raft ?? null;
  switch (event.type) {
    case "roleChanged":
      if (raft !== null) noteRole(watch, raft, notes, event);
      return;
    case "entriesCommitted":
      if (raft?.role === "leader") noteCommit(watch, node, raft, event);
      return;
    case "configurationChanged":
      return noteConfiguration(watch, notes, event);
    case "configurationCommitted":
      return noteCommittedConfiguration(watch, node, raft, notes, event);
    case "logTruncated":
      return noteTruncation(watch, node, notes, event);
    case "snapshotTaken":
      watch.reach("snapshotTaken");
      if (raft !== null && raft.snapshot !== null && isJoint(raft.snapshot.configuration)) {
        watch.reach("snapshotOfJointConfiguration");
      }
      return;
    case "snapshotInstalled":
      return noteInstalled(watch, node, raft, notes, event);
    case "leadershipTransferStarted":
      notes.transferringTo = event.to;
      return;
    case "leadershipTransferEnded":
      notes.transferringTo = null;
      return watch.reach(event.succeeded ? "leadershipTransferred" : "transferGivenUp");
    case "sessionExpired":
      return watch.reach("sessionExpired");
    case "recovered":
      return noteRecovered(watch, notes, event);
    case "diskFull":
      if (event.full && notes.role === "leader") watch.reach("leadsWithFullDisk");
      return;
    case "stopped":
      if (event.reason === null) return;
      return watch.reach(notes.role === "leader" ? "leaderStopsOnDiskError" : "followerStopsOnDiskError");
    default:
      return;
  }
}

function noteRole(watch: CoverageWatch, raft: Raft, notes: MemberNotes, { role, term }: EventOf<"roleChanged">): void {
  const { role: before, term: termBefore } = notes;
  notes.role = role;
  notes.term = term;
  const { voters, votersOutgoing } = raft.configuration;
  const votes = voters.includes(raft.id) || votersOutgoing.includes(raft.id);
  switch (role) {
    case "follower":
      if (before !== "leader" || term !== termBefore) return;
      return watch.reach(votes ? "leaderMissesQuorum" : "removedLeaderStepsDown");
    case "preCandidate":
      if (!votes) watch.reach("removedMemberCampaigns");
      return;
    case "candidate":
      if (!votes) watch.reach("removedMemberCampaigns");
      return noteCandidate(watch, raft.id, term);
    case "leader":
      if (!votes) watch.reach("removedMemberElected");
      return noteElected(watch, raft, term);
  }
}

function noteCandidate(watch: CoverageWatch, id: NodeId, term: number): void {
  const { candidates, world } = watch;
  const rivals = candidates.get(term) ?? new Set();
  rivals.add(id);
  candidates.set(term, rivals);
  if (rivals.size > 1) watch.reach("rivalsInOneTerm");
  if (candidates.has(term - 1) && world.checker.leaderOf(term - 1) === null) watch.reach("termWithoutLeader");
  for (const other of candidates.keys()) if (other < term - 1) candidates.delete(other);
}

function noteElected(watch: CoverageWatch, raft: Raft, term: number): void {
  const { id, configuration, commitIndex } = raft;
  if (term < watch.latestReign) watch.reach("leaderElectedTooLate");
  watch.latestReign = Math.max(watch.latestReign, term);
  if (isJoint(configuration)) watch.reach("leaderElectedWhileJoint");
  else if (!raft.status().configurationCommitted) watch.reach("leaderElectedOnUncommittedConfiguration");
  if (configuration.voters.length === 1 && !isJoint(configuration)) watch.reach("soleVoterElected");
  const next = raft.termAt(commitIndex + 1);
  if (next !== null && next < term) watch.reach("leaderInheritsUncommittedEntries");
  for (const other of watch.cluster.nodes.values()) {
    const rival = other.replica?.raft;
    if (other.id !== id && rival?.role === "leader" && rival.term < term) watch.reach("twoLeadersAtOnce");
  }
}

/** `record` is still as it was before this step. */
function noteCommit(watch: CoverageWatch, node: ClusterNode, raft: Raft, event: EventOf<"entriesCommitted">): void {
  const first = raft.termAt(node.record.commitIndex + 1);
  if (first !== null && first < raft.term) watch.reach("earlierTermCommittedIndirectly");
  if (raft.status().durableIndex < event.commitIndex) watch.reach("committedBeforeOwnDisk");
}

function noteConfiguration(watch: CoverageWatch, notes: MemberNotes, event: EventOf<"configurationChanged">): void {
  const { configuration, index } = event;
  if (index < notes.configurationIndex) watch.reach("configurationRolledBack");
  notes.configurationIndex = index;
  if (!isJoint(configuration)) return;
  watch.reach("jointConfigurationEntered");
  const { voters, votersOutgoing } = configuration;
  const come = voters.filter((id) => !votersOutgoing.includes(id));
  const go = votersOutgoing.filter((id) => !voters.includes(id));
  if (come.length + go.length > 1) watch.reach("severalChangesAtOnce");
}

function noteCommittedConfiguration(
  watch: CoverageWatch,
  node: ClusterNode,
  raft: Raft | null,
  notes: MemberNotes,
  { configuration, index }: EventOf<"configurationCommitted">,
): void {
  if (isJoint(configuration)) {
    if (raft?.role === "leader" && raft.termAt(index) !== raft.term) watch.reach("jointFinishedByNextLeader");
    return;
  }
  const { standing } = notes;
  const { voters, learners } = configuration;
  notes.standing = voters.includes(node.id) ? "voter" : learners.includes(node.id) ? "learner" : null;
  if (standing === "learner" && notes.standing === "voter") watch.reach("learnerPromoted");
  if (standing === "voter" && notes.standing === "learner") watch.reach("voterDemoted");
}

/** What the checks remember of the member is still its log before this step. */
function noteTruncation(
  watch: CoverageWatch,
  { id, record }: ClusterNode,
  notes: MemberNotes,
  { fromIndex }: EventOf<"logTruncated">,
): void {
  watch.reach("logTruncated");
  notes.cutFrom = fromIndex;
  if (record.lastIndex - fromIndex + 1 >= MANY_ENTRIES) watch.reach("manyEntriesCut");
  const { lastEntry } = record;
  if (lastEntry === null || lastEntry.index < fromIndex) return;
  const { voters } = watch.cluster.configuration();
  const holders = voters.filter((voter) => {
    return voter === id || watch.raft(voter)?.termAt(lastEntry.index) === lastEntry.term;
  });
  if (holders.length * 2 > voters.length) watch.reach("majorityEntryOverwritten");
}

function noteInstalled(
  watch: CoverageWatch,
  node: ClusterNode,
  raft: Raft | null,
  notes: MemberNotes,
  { index }: EventOf<"snapshotInstalled">,
): void {
  watch.reach("snapshotInstalled");
  notes.incoming = null;
  if (watch.phase === "recovery") watch.reach("caughtUpBySnapshotAfterHealing");
  if (raft === null) return;
  if (raft.configuration.learners.includes(node.id)) watch.reach("learnerFedBySnapshot");
  if (raft.lastLogIndex > index) watch.reach("snapshotKeepsLogBehindIt");
  else if (node.record.lastIndex > index) watch.reach("snapshotReplacesLongerLog");
}

function noteRecovered(watch: CoverageWatch, notes: MemberNotes, event: EventOf<"recovered">): void {
  if (event.tornBytes > 0) watch.reach("tornTailCutOff");
  if (event.snapshotIndex > 0) watch.reach("startedFromSnapshot");
  const { stopped } = notes;
  if (stopped === null) return;
  const lost = event.lastLogIndex < stopped.lastIndex;
  if (lost) watch.reach(stopped.asLeader ? "leaderLosesUnsyncedEntries" : "unsyncedEntriesLost");
  if (stopped.asLeader && stopped.elections === watch.world.checker.leaderElections) {
    watch.reach("leaderBackBeforeElection");
  }
}

function isJoint({ votersOutgoing }: Configuration): boolean {
  return votersOutgoing.length > 0;
}
