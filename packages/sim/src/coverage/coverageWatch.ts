import type { NodeId, Raft } from "@balsa/core";
import type { PeerMessage, RefusalCode, ReplicaEvent } from "@balsa/replica";
import type { TimedFault } from "../scenario/timedFault.js";
import type { SimulationPhase } from "../report/traceEvent.js";
import type { Cluster } from "../world/cluster.js";
import type { ClusterNode } from "../world/clusterNode.js";
import type { WorldContext } from "../world/worldContext.js";
import type { Coverage } from "./coverage.js";
import { noteDelivery } from "./deliverySituations.js";
import { noteEvent } from "./eventSituations.js";
import { noteFault } from "./faultSituations.js";
import { newMemberNotes, type MemberNotes } from "./memberNotes.js";
import { noteResumed, noteStarted, noteStopped } from "./processSituations.js";
import type { SituationName } from "./situations.js";

const REFUSALS: Readonly<Partial<Record<RefusalCode, SituationName>>> = {
  OVERLOADED: "commandRefusedByBackPressure",
  DISK_FULL: "commandRefusedByFullDisk",
  TRANSFERRING_LEADERSHIP: "commandDuringTransfer",
  UNKNOWN_OUTCOME: "outcomeUnknown",
  SESSION_EXPIRED: "sessionExpiredInFlight",
  TIMED_OUT: "readTimedOut",
};

const CHANGE_REFUSALS: Readonly<Partial<Record<RefusalCode, SituationName>>> = {
  NOT_CAUGHT_UP: "promotionRefused",
  TERM_NOT_STARTED: "changeBeforeTermsFirstCommit",
  CHANGE_IN_PROGRESS: "changeWhileAnother",
};

/** Looks on from where everything can be seen, and notes which situations a run gets into. It changes nothing. */
export class CoverageWatch {
  readonly coverage: Coverage;
  readonly world: WorldContext;
  readonly cluster: Cluster;
  phase: SimulationPhase = "faults";
  /** The highest term that had a leader. */
  latestReign = 0;
  /** Who stood in the latest terms; at most the last two are kept. */
  readonly candidates = new Map<number, Set<NodeId>>();
  readonly #notes = new Map<NodeId, MemberNotes>();

  constructor(coverage: Coverage, world: WorldContext, cluster: Cluster) {
    this.coverage = coverage;
    this.world = world;
    this.cluster = cluster;
  }

  reach(name: SituationName): void {
    this.coverage.reach(name);
  }

  notes(id: NodeId): MemberNotes {
    let notes = this.#notes.get(id);
    if (notes === undefined) {
      notes = newMemberNotes();
      this.#notes.set(id, notes);
    }
    return notes;
  }

  /** Null unless it runs. */
  raft(id: NodeId): Raft | null {
    return this.cluster.node(id)?.replica?.raft ?? null;
  }

  /** A message comes to a member, which has not looked at it yet. */
  delivered(to: NodeId, message: PeerMessage): void {
    const raft = this.raft(to);
    if (raft !== null) noteDelivery(this, raft, this.notes(to), message);
  }

  /** A member tells of itself. */
  event(node: ClusterNode, event: ReplicaEvent): void {
    noteEvent(this, node, this.notes(node.id), event);
  }

  /** A member may have taken in what came to it. */
  stepped(id: NodeId, raft: Raft): void {
    const notes = this.#notes.get(id);
    if (notes === undefined || notes.askedInTerm === 0) return;
    if (raft.term < notes.askedInTerm) this.reach("rivalRefusedForLeadersSake");
    notes.askedInTerm = 0;
  }

  fault(fault: TimedFault, nodes: readonly NodeId[]): void {
    noteFault(this, fault, nodes);
  }

  started(node: ClusterNode, raft: Raft): void {
    noteStarted(this.notes(node.id), raft);
  }

  /** A process ends, whose replica is still there to be looked at. */
  stopped(node: ClusterNode, becomes: "down" | "lost" | "retired"): void {
    noteStopped(this, node, this.notes(node.id), becomes);
  }

  resumed(node: ClusterNode): void {
    noteResumed(this, node);
  }

  entered(phase: SimulationPhase, broken: readonly NodeId[]): void {
    this.phase = phase;
    if (phase !== "liveness") return;
    const leader = this.cluster.leader();
    if (leader === null) return;
    if (broken.includes(leader.id)) this.reach("leaderBrokenForGood");
    if ((this.raft(leader.id)?.configuration.votersOutgoing.length ?? 0) > 0) this.reach("healedWhileJoint");
  }

  /** A client was refused. */
  refused(code: RefusalCode): void {
    const name = REFUSALS[code];
    if (name !== undefined) this.reach(name);
  }

  /** The operator was refused a membership change. */
  changeRefused(code: RefusalCode): void {
    const name = CHANGE_REFUSALS[code];
    if (name !== undefined) this.reach(name);
  }

  /** A client's read comes to a member. */
  readBegins(id: NodeId, fromLease: boolean): void {
    const raft = this.raft(id);
    if (raft?.role !== "leader") return;
    if (raft.term < this.latestReign) this.reach("readAtDeposedLeader");
    if (fromLease) this.reach(raft.status().holdsLease ? "leaseRead" : "leaseRunsOut");
  }
}
