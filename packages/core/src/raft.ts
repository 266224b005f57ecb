import { advanceCommitIndex, hasEntriesToApply, recordApplied, takeEntriesToApply } from "./commit.js";
import { describeSnapshotAt, dropLogTail, snapshotTaken } from "./compaction.js";
import type { Configuration, ConfigurationChange } from "./configuration.js";
import { copyPlain } from "./copyPlain.js";
import type { Effects } from "./effects.js";
import { recordOwnVotePersisted } from "./election.js";
import type { Entry, NodeId } from "./entry.js";
import { invariant } from "./errors.js";
import type { Role } from "./event.js";
import type { RaftObserver } from "./input.js";
import { broadcastHeartbeats } from "./heartbeat.js";
import { newState, restoredState, type StoredState } from "./initialState.js";
import { leadershipProvenUntil } from "./lease.js";
import { entryAt, lastIndex, termAt } from "./log.js";
import { reconfigure, type ReconfigureResult } from "./membership.js";
import type { SnapshotMetadata } from "./message.js";
import { completeOptions, type RaftOptions } from "./options.js";
import { hasPersist, positionOfPromise, recordPersisted, takePersist } from "./persistence.js";
import { propose, type ProposeResult } from "./proposals.js";
import { read, readRoundDue, sendForwardedReads, type ReadConsistency } from "./reads.js";
import { receive } from "./receive.js";
import { replicate } from "./replication.js";
import { isResting, rouse } from "./rest.js";
import { drawElectionTimeout } from "./roles.js";
import { snapshotFailed, snapshotInstalled } from "./snapshotReceiving.js";
import { snapshotChunkRead, snapshotReadFailed } from "./snapshotSending.js";
import { takePending } from "./pending.js";
import { currentConfiguration, type RaftContext, type RaftState } from "./state.js";
import { statusOf, type RaftStatus } from "./status.js";
import { nextDeadline, wake } from "./timers.js";
import { transferLeadership, type TransferResult } from "./transfer.js";

export interface RaftSetup {
  readonly id: NodeId;
  /** Missing ones take their defaults. */
  readonly options?: Partial<RaftOptions>;
  /** Gives numbers from 0 to below 1. The only source of chance: same numbers and inputs, same effects. */
  readonly random: () => number;
  readonly now: number;
}

/**
 * One member of a Raft group, as a value that is fed inputs. Every input carries the time, in monotonic milliseconds; what
 * is to be done gathers until `takeEffects`. Several inputs may be fed before: they are answered in one batch.
 *
 * Nothing that comes from the network makes it throw. An `InvariantError` means that the member must stop.
 */
export class Raft {
  readonly #context: RaftContext;
  #observer: RaftObserver | null = null;

  private constructor(state: RaftState, setup: Omit<RaftSetup, "id" | "now">) {
    this.#context = { state, options: completeOptions(setup.options), random: setup.random };
  }

  /**
   * A member without a past. With `founders`, the same list on each of them, it helps to found a cluster; with null it
   * waits to be added to one.
   * @throws InvalidOptionError
   */
  static create(setup: RaftSetup, founders: readonly NodeId[] | null): Raft {
    const raft = new Raft(newState(setup.id, founders, setup.now, firstReadId(setup.random)), setup);
    drawElectionTimeout(raft.#context);
    return raft;
  }

  /**
   * A member that takes up where it stopped, from what its disk holds.
   * @throws InvalidOptionError, and InvariantError where what is stored can't be.
   */
  static restore(setup: RaftSetup, stored: StoredState): Raft {
    const raft = new Raft(restoredState(setup.id, stored, setup.now, firstReadId(setup.random)), setup);
    const { state, options } = raft.#context;
    // It may have promised its leader a lease just before it stopped (thesis §6.4.1).
    state.timers.stickyUntil = setup.now + options.electionTimeoutMs;
    drawElectionTimeout(raft.#context);
    return raft;
  }

  /** A member with exactly the state that `save` gave. */
  static load(saved: RaftState, setup: Omit<RaftSetup, "id" | "now">): Raft {
    return new Raft(copyPlain(saved), setup);
  }

  /** The whole state as plain data, effects that wait included; later inputs don't change it. */
  save(): RaftState {
    return copyPlain(this.#context.state);
  }

  /** Takes a message that came for this member. Returns why it was refused, or null. */
  receive(now: number, message: unknown): string | null {
    this.#observer?.input({ type: "receive", now, message });
    this.#advance(now);
    return receive(this.#context, message);
  }

  /** Appends commands, all or none. */
  propose(now: number, commands: readonly Uint8Array[]): ProposeResult {
    this.#observer?.input({ type: "propose", now, commands });
    this.#advance(now);
    return propose(this.#context, commands);
  }

  /** Asks for a read index; the answer comes as a `reads` effect with this `readContext`, which must not be in use. */
  read(now: number, readContext: number, consistency: ReadConsistency = "linearizable"): void {
    this.#observer?.input({ type: "read", now, readContext, consistency });
    this.#advance(now);
    read(this.#context, readContext, consistency);
  }

  reconfigure(now: number, changes: readonly ConfigurationChange[]): ReconfigureResult {
    this.#observer?.input({ type: "reconfigure", now, changes });
    this.#advance(now);
    return reconfigure(this.#context, changes);
  }

  transferLeadership(now: number, to: NodeId): TransferResult {
    this.#observer?.input({ type: "transferLeadership", now, to });
    this.#advance(now);
    return transferLeadership(this.#context, to);
  }

  /**
   * Until when, by the clock of the inputs, no other leader can have been elected, provided that clocks run apart by no
   * more than `maxClockDriftRatio` (thesis §6.4.1). `-Infinity` where that can't be said; `Infinity` for a sole voter.
   */
  get leadershipProvenUntil(): number {
    return leadershipProvenUntil(this.#context);
  }

  /** When `wake` is next due; `Infinity` for never. Any other input may change it. */
  get deadline(): number {
    return nextDeadline(this.#context);
  }

  /** To be called when `deadline` has come. Too early does no harm. */
  wake(now: number): void {
    this.#observer?.input({ type: "wake", now });
    this.#advance(now);
    wake(this.#context);
  }

  /**
   * The host of another member is gone, or has begun anew, or somebody needs this group awake: it doesn't rest, for a while. A
   * follower goes on as if it had last heard of its leader at `leaderHeardAt`.
   */
  rouse(now: number, leaderHeardAt: number): void {
    this.#observer?.input({ type: "rouse", now, leaderHeardAt });
    this.#advance(now);
    rouse(this.#context, Math.min(leaderHeardAt, now));
  }

  /** Every persist up to `position` is durable. */
  persisted(now: number, position: number): void {
    this.#observer?.input({ type: "persisted", now, position });
    this.#advance(now);
    recordPersisted(this.#context.state, position);
    recordOwnVotePersisted(this.#context);
    advanceCommitIndex(this.#context);
  }

  /** Every entry up to `index` has been applied. */
  applied(now: number, index: number): void {
    this.#observer?.input({ type: "applied", now, index });
    this.#advance(now);
    recordApplied(this.#context, index);
  }

  /** What a snapshot as of `index`, which must be applied, has to say of itself beside its bytes. */
  describeSnapshotAt(index: number): Omit<SnapshotMetadata, "sizeBytes" | "checksum"> {
    return describeSnapshotAt(this.#context, index);
  }

  /** A snapshot of the own state machine is durable; the log is compacted. Returns whether it was newer than the last. */
  snapshotTaken(now: number, snapshot: SnapshotMetadata): boolean {
    this.#observer?.input({ type: "snapshotTaken", now, snapshot });
    this.#advance(now);
    return snapshotTaken(this.#context, snapshot);
  }

  /** The log is compacted up to the newest snapshot, and no tail kept. */
  dropLogTail(now: number): void {
    this.#observer?.input({ type: "dropLogTail", now });
    this.#advance(now);
    dropLogTail(this.#context);
  }

  /** Answers a `snapshotReads` effect. */
  snapshotChunkRead(now: number, to: NodeId, snapshotIndex: number, offset: number, data: Uint8Array): void {
    this.#observer?.input({ type: "snapshotChunkRead", now, to, snapshotIndex, offset, data });
    this.#advance(now);
    snapshotChunkRead(this.#context, to, snapshotIndex, offset, data);
  }

  /** Answers a `snapshotReads` effect that can't be served, the snapshot having been replaced. */
  snapshotReadFailed(now: number, to: NodeId, snapshotIndex: number): void {
    this.#observer?.input({ type: "snapshotReadFailed", now, to, snapshotIndex });
    this.#advance(now);
    snapshotReadFailed(this.#context, to, snapshotIndex);
  }

  /**
   * A leader's snapshot is complete, verified and durable. When true it now holds, and the caller replaces its state
   * machine before it applies anything more; when false it came too late to be of use.
   */
  snapshotInstalled(now: number, snapshot: SnapshotMetadata): boolean {
    this.#observer?.input({ type: "snapshotInstalled", now, snapshot });
    this.#advance(now);
    return snapshotInstalled(this.#context, snapshot);
  }

  /** A leader's snapshot could not be taken; the leader sends it again. */
  snapshotFailed(now: number, snapshotIndex: number): void {
    this.#observer?.input({ type: "snapshotFailed", now, snapshotIndex });
    this.#advance(now);
    snapshotFailed(this.#context, snapshotIndex);
  }

  /** Takes what is to be done, or null when there is nothing. */
  takeEffects(): Effects | null {
    this.#observer?.input({ type: "takeEffects" });
    const effects = this.#takeEffects();
    this.#observer?.effectsTaken(effects);
    return effects;
  }

  /** From now on, `observer` hears of every input; null: nobody. */
  observe(observer: RaftObserver | null): void {
    this.#observer = observer;
  }

  status(): RaftStatus {
    return statusOf(this.#context);
  }

  get id(): NodeId {
    return this.#context.state.id;
  }

  get role(): Role {
    return this.#context.state.role;
  }

  /** Nothing goes on in its group, and it knows that all others know. */
  get isResting(): boolean {
    return isResting(this.#context.state);
  }

  get term(): number {
    return this.#context.state.term;
  }

  get vote(): NodeId | null {
    return this.#context.state.vote;
  }

  get leader(): NodeId | null {
    return this.#context.state.leader;
  }

  get commitIndex(): number {
    return this.#context.state.commitIndex;
  }

  get appliedIndex(): number {
    return this.#context.state.appliedIndex;
  }

  /** The entry before the first one that is still in the log. */
  get baseIndex(): number {
    return this.#context.state.log.baseIndex;
  }

  get baseTerm(): number {
    return this.#context.state.log.baseTerm;
  }

  get lastLogIndex(): number {
    return lastIndex(this.#context.state.log);
  }

  get snapshot(): SnapshotMetadata | null {
    return this.#context.state.snapshot;
  }

  get configuration(): Configuration {
    return currentConfiguration(this.#context.state);
  }

  /** An entry that is still in the log, or null. */
  entryAt(index: number): Entry | null {
    return entryAt(this.#context.state.log, index);
  }

  /** The term at an index, or null where the log does not reach. */
  termAt(index: number): number | null {
    return termAt(this.#context.state.log, index);
  }

  #takeEffects(): Effects | null {
    const context = this.#context;
    const { state } = context;
    const { leadership } = state;
    if (leadership !== null) {
      if (leadership.replicationDue) replicate(context, leadership);
      if (readRoundDue(context, leadership)) broadcastHeartbeats(context, leadership);
    }
    sendForwardedReads(context);
    if (!this.#hasEffects()) return null;
    const sendAfterPosition = positionOfPromise(state);
    return takePending(state, takePersist(state), sendAfterPosition, takeEntriesToApply(context));
  }

  #hasEffects(): boolean {
    const { state } = this.#context;
    const { pending } = state;
    return (
      pending.send.length > 0 ||
      pending.sendAfterPersist.length > 0 ||
      pending.events.length > 0 ||
      pending.reads.length > 0 ||
      pending.snapshotReads.length > 0 ||
      pending.snapshotWrites.length > 0 ||
      hasPersist(state) ||
      hasEntriesToApply(this.#context)
    );
  }

  /** Time never falls; an input with an earlier one counts as now. */
  #advance(now: number): void {
    invariant(Number.isFinite(now), () => `the time is a number of milliseconds, not ${now}`);
    const { state } = this.#context;
    if (now > state.now) state.now = now;
  }
}

/** Far from where any earlier incarnation can have counted to. */
function firstReadId(random: () => number): number {
  return 1 + Math.floor(random() * 2 ** 50);
}
