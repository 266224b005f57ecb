import {
  invariant,
  InvariantError,
  type ConfigurationChange,
  type Entry,
  type NodeId,
  type Raft,
  type ReadConsistency,
} from "@balsa/core";
import type { Completion, Done } from "../disk.js";
import { ForwardedCommands, type ForwardTarget } from "../forwarding/forwardedCommands.js";
import { Forwarder } from "../forwarding/forwarder.js";
import type { ForwardedCommand, ForwardedResult, ForwardMessage } from "../forwarding/forwardMessage.js";
import type { Applied, OutcomeHandler, RefusalCode, ReplicaEvent, ReplicaStatus, SessionCommand } from "../outcome.js";
import { ClusterClock, encodeEnvelope, type AppliedResult } from "../sessions/index.js";
import { faultOf } from "./commandFault.js";
import { MemberLoop, type LoopObserver } from "./memberLoop.js";
import { openStorage, recover, type Recovered, type ReplicaStorage } from "./recovery.js";
import { refusal } from "./refusal.js";
import {
  completeReplicaOptions,
  type CompleteReplicaOptions,
  type MemberOptions,
  type ReplicaOptions,
} from "./replicaOptions.js";
import { SnapshotCaptures, type CapturedSnapshot } from "./snapshotCaptures.js";
import { WaitingChanges } from "./waitingChanges.js";
import { WaitingCommands, type CommandWaiter } from "./waitingCommands.js";
import { WaitingReads } from "./waitingReads.js";

export interface ProposeRouting {
  /** A member that does not lead passes it on to the leader, once, instead of refusing it. Default false. */
  readonly forward?: boolean;
}

/** `linearizable` and `lease` see all that was acknowledged before; `stale` is what this member happens to have. */
export type ReplicaReadConsistency = ReadConsistency | "stale";

/**
 * One durable member of a group: the core, its log and snapshots on disk, the state machine behind its clients' sessions.
 *
 * Nothing here is a promise: what was asked for ends in one call of its handler, which may come before the method returns.
 * Every handler is called, in bounded time, with an answer, a refusal, or `UNKNOWN_OUTCOME`. It must not throw.
 */
export class Replica {
  readonly id: NodeId;
  readonly #options: CompleteReplicaOptions;
  readonly #loop: MemberLoop;
  readonly #clusterClock = new ClusterClock();
  readonly #commands = new WaitingCommands();
  readonly #reads = new WaitingReads();
  readonly #changes = new WaitingChanges();
  readonly #captures: SnapshotCaptures;
  #roomSoughtAgainAt = 0;
  readonly #forwarder: Forwarder;
  readonly #forwarded: ForwardedCommands;

  private constructor(options: CompleteReplicaOptions, recovered: Recovered) {
    this.id = options.id;
    this.#options = options;
    this.#forwarder = new Forwarder(options.id, options.random);
    this.#loop = new MemberLoop(options, recovered, this.#observer());
    this.#captures = new SnapshotCaptures(this.#loop);
    this.#forwarded = new ForwardedCommands(options.id, this.#forwardTarget());
  }

  /**
   * Takes up where the disk left off, or begins.
   *
   * `done` gets the error of the disk, of what is damaged on it, or of the state machine, as the case may be.
   * @throws InvalidOptionError
   */
  static open(given: ReplicaOptions, done: Completion<Replica | null>): void {
    const options = completeReplicaOptions(given);
    openStorage(given.disk, options, (error, storage) => {
      if (storage === null) done(error, null);
      else Replica.#recover(options, storage, done);
    });
  }

  /**
   * As `open`, for one of many members that share a log and snapshots. Those stay open when it stops; the log that it is given
   * is closed.
   * @throws InvalidOptionError
   */
  static openIn(storage: ReplicaStorage, given: MemberOptions, done: Completion<Replica | null>): void {
    Replica.#recover(completeReplicaOptions(given), storage, done);
  }

  static #recover(options: CompleteReplicaOptions, storage: ReplicaStorage, done: Completion<Replica | null>): void {
    recover(options, storage, (error, recovered) => {
      if (error !== null || recovered === null) return done(error, null);
      const replica = new Replica(options, recovered);
      const { raft, tornBytes } = recovered;
      const snapshotIndex = raft.snapshot?.index ?? 0;
      options.onEvent?.({ type: "recovered", lastLogIndex: raft.lastLogIndex, snapshotIndex, tornBytes });
      options.recorder?.attach(raft, { id: options.id, group: options.group, options: options.raft });
      done(null, replica);
      replica.#loop.start();
    });
  }

  /** The core, to look at; inputs to it would go past the log. */
  get raft(): Raft {
    return this.#loop.raft;
  }

  /** Where the members are to be reached, as far as the group has agreed on it and this member has applied it. */
  get addresses(): ReadonlyMap<NodeId, string> {
    return this.#loop.machine.addresses;
  }

  get lastApplied(): number {
    return this.#loop.lastApplied;
  }

  get isStopped(): boolean {
    return this.#loop.isStopped;
  }

  /**
   * Has a command applied. With a `session` it takes effect once, however often it is sent; without one it must not be
   * sent again where the outcome is unknown.
   */
  propose(
    command: Uint8Array,
    session: SessionCommand | null,
    done: OutcomeHandler<Applied>,
    routing: ProposeRouting = {},
  ): void {
    this.#route(
      session === null ? { kind: "plain", payload: command } : { kind: "command", session, payload: command },
      routing,
      done,
    );
  }

  /** Begins a session. Where the outcome is unknown, another may be begun: one that isn't used expires. */
  registerSession(done: OutcomeHandler<{ readonly sessionId: number }>, routing: ProposeRouting = {}): void {
    this.#route({ kind: "register" }, routing, (outcome) => {
      done(outcome.ok ? { ok: true, value: { sessionId: outcome.value.index } } : outcome);
    });
  }

  closeSession(sessionId: number, done: OutcomeHandler<null>, routing: ProposeRouting = {}): void {
    this.#route({ kind: "close", sessionId }, routing, (outcome) => {
      done(outcome.ok ? { ok: true, value: null } : outcome);
    });
  }

  /** Has the group agree on where a member is to be reached; null: forget it. Doing it twice does no harm. */
  setAddress(id: NodeId, address: string | null, done: OutcomeHandler<null>, routing: ProposeRouting = {}): void {
    this.#route({ kind: "address", id, address }, routing, (outcome) => {
      done(outcome.ok ? { ok: true, value: null } : outcome);
    });
  }

  /** Asks the state machine. A follower asks its leader first from where on it may answer. */
  read(question: Uint8Array, consistency: ReplicaReadConsistency, done: OutcomeHandler<Uint8Array>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    if (!(question instanceof Uint8Array)) return this.#refuse("MALFORMED", done);
    this.whenReadable(consistency, (outcome) => {
      if (outcome.ok) this.#query(question, done);
      else done(outcome);
    });
  }

  /** As `read`, for a caller who looks at the state machine himself: now, within `done`. */
  whenReadable(consistency: ReplicaReadConsistency, done: OutcomeHandler<null>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    if (consistency === "stale") return done({ ok: true, value: null });
    if (this.#reads.size >= this.#options.limits.maxWaitingReads) return this.#refuse("OVERLOADED", done);
    this.#loop.feed((raft, now) => {
      const context = this.#reads.add(now + this.#options.limits.readTimeoutMs, {
        ready: () => done({ ok: true, value: null }),
        refused: (code) => this.#refuse(code, done),
      });
      raft.read(now, context, consistency);
    });
  }

  /** Captures the replicated state, to be kept outside the cluster: with all that was acknowledged before, unless `stale`. */
  captureSnapshot(consistency: ReplicaReadConsistency, done: OutcomeHandler<CapturedSnapshot>): void {
    this.whenReadable(consistency, (outcome) => done(outcome.ok ? this.#captures.capture() : outcome));
  }

  /** Changes the membership. Ends when the final configuration is committed. */
  reconfigure(changes: readonly ConfigurationChange[], done: OutcomeHandler<{ readonly index: number }>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    this.#loop.feed((raft, now) => {
      const result = raft.reconfigure(now, changes);
      if (!result.ok) {
        done(refusal(result.code, raft.leader, result.reason));
        return;
      }
      this.#changes.addChange(result.index, now + this.#options.limits.commandTimeoutMs, done);
    });
  }

  /** Hands leadership to another voter. Ends when this member has given it up, or an election timeout has passed. */
  transferLeadership(to: NodeId, done: OutcomeHandler<null>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    this.#loop.feed((raft, now) => {
      const result = raft.transferLeadership(now, to);
      if (result.ok) this.#changes.addTransfer(done);
      else done(refusal(result.code, raft.leader, result.reason));
    });
  }

  /** Has a resting group awake for a while, as if its leader had last been heard of at `leaderHeardAt`; default: now. */
  rouse(leaderHeardAt?: number): void {
    this.#loop.feed((raft, now) => raft.rouse(now, leaderHeardAt ?? now));
  }

  /**
   * Lets go of as much of the log as can be, for the sake of others that share it: takes a snapshot, and keeps no tail behind
   * it for slow followers.
   */
  releaseLog(): void {
    this.#loop.feed(() => this.#loop.releaseLog());
  }

  status(): ReplicaStatus {
    return {
      ...this.raft.status(),
      lastApplied: this.#loop.lastApplied,
      sessions: this.#loop.machine.sessionCount,
      logSizeBytes: this.#loop.log.sizeBytes,
      waitingProposals: this.#commands.size,
      waitingReads: this.#reads.size,
    };
  }

  /** Stops at once. Whoever waits is answered; `done` when the files are closed. */
  stop(done: Done): void {
    this.#loop.stop(done);
  }

  #route(command: ForwardedCommand, { forward = false }: ProposeRouting, done: OutcomeHandler<ForwardedResult>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    const fault = faultOf(command, this.#options.limits.maxCommandBytes);
    if (fault !== null) return this.#refuse(fault, done);
    if (!forward || this.raft.role === "leader") return this.#propose(command, done);
    const { leader } = this.raft;
    if (leader === null) return this.#refuse("NO_LEADER", done);
    const deadline = this.#options.clock.now() + this.#options.limits.commandTimeoutMs;
    if (this.raft.isResting) this.rouse(); // a leader that is gone would not be noticed for long
    this.#forwarder.add(leader, command, deadline, done);
    this.#loop.turnSoon();
  }

  #propose(command: ForwardedCommand, done: OutcomeHandler<ForwardedResult>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    if (this.raft.role !== "leader") return this.#refuse("NOT_LEADER", done);
    if (this.#commands.size >= this.#options.limits.maxWaitingCommands) return this.#refuse("OVERLOADED", done);
    if (this.#loop.log.isFull) {
      this.#seekRoom();
      return this.#refuse("DISK_FULL", done);
    }
    this.#loop.feed((raft, now) => {
      const clusterTimeMs = this.#clusterClock.stamp(this.#loop.machine.clusterTimeMs, now);
      const result = raft.propose(now, [encodeEnvelope({ ...command, clusterTimeMs })]);
      if (!result.ok) {
        done(refusal(result.code, result.leaderHint));
        return;
      }
      const waiter: CommandWaiter = {
        applied: (entry, outcome) => this.#answer(entry, outcome, done),
        refused: (code) => this.#refuse(code, done),
      };
      this.#commands.add(result.firstIndex, result.term, now + this.#options.limits.commandTimeoutMs, waiter);
    });
  }

  /** Nothing is appended while proposals are refused, so it is they that have the log ask its disk again. */
  #seekRoom(): void {
    const now = this.#options.clock.now();
    if (now < this.#roomSoughtAgainAt) return;
    this.#roomSoughtAgainAt = now + SEEK_ROOM_INTERVAL_MS;
    this.#loop.log.seekRoom();
  }

  #answer({ index, term }: Entry, outcome: AppliedResult, done: OutcomeHandler<ForwardedResult>): void {
    switch (outcome.status) {
      case "applied":
      case "duplicate":
        done({ ok: true, value: { result: outcome.result, index, term, duplicate: outcome.status === "duplicate" } });
        return;
      case "registered":
        invariant(outcome.sessionId === index, "a session is named after the entry that registered it");
        done({ ok: true, value: { result: NOTHING, index, term, duplicate: false } });
        return;
      case "closed":
        done({ ok: true, value: { result: NOTHING, index, term, duplicate: false } });
        return;
      case "addressed":
        if (outcome.kept) done({ ok: true, value: { result: NOTHING, index, term, duplicate: false } });
        else this.#refuse("OVERLOADED", done);
        return;
      case "refused":
        this.#refuse(outcome.code, done);
    }
  }

  #forwardTarget(): ForwardTarget {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters of the object have a `this` of their own
    const replica = this;
    return {
      get term() {
        return replica.raft.term;
      },
      get leader() {
        return replica.raft.leader;
      },
      get isLeader() {
        return replica.raft.role === "leader";
      },
      propose: (command, done) => this.#route(command, {}, done),
    };
  }

  #receiveForward(message: ForwardMessage): void {
    if (message.type === "forwardRequest") this.#forwarded.receive(message);
    else this.#forwarder.receive(message);
  }

  #takeForwards(): readonly ForwardMessage[] {
    const { term } = this.raft;
    const requests = this.#forwarder.takeRequests(term);
    const responses = this.#forwarded.takeResponses(term);
    return requests.length === 0 ? responses : [...requests, ...responses];
  }

  /** A state machine that throws can't be trusted with anything more. */
  #query(question: Uint8Array, done: OutcomeHandler<Uint8Array>): void {
    let value: Uint8Array;
    try {
      value = this.#loop.machine.query(question);
    } catch (error) {
      this.#loop.fail(error instanceof Error ? error : new InvariantError(`The state machine threw ${String(error)}.`));
      return this.#refuse("STOPPED", done);
    }
    done({ ok: true, value });
  }

  #refuse<T>(code: RefusalCode, done: OutcomeHandler<T>): void {
    done(refusal(code, this.#loop.isStopped ? null : this.raft.leader));
  }

  #observer(): LoopObserver {
    return {
      event: (event) => this.#observe(event),
      applied: (entry, result) => this.#commands.settle(entry, result),
      readResolved: (result) => this.#reads.resolve(result),
      forwarded: (message) => this.#receiveForward(message),
      takeForwards: () => this.#takeForwards(),
      reached: (index) => this.#reads.applied(index),
      skipped: (index) => this.#commands.skipped(index),
      deadline: () =>
        Math.min(this.#commands.deadline, this.#reads.deadline, this.#changes.deadline, this.#forwarder.deadline),
      expire: (now) => {
        this.#commands.expire(now);
        this.#reads.expire(now);
        this.#changes.expire(now, this.raft.leader);
        this.#forwarder.expire(now, this.raft.leader);
      },
      stopped: (reason) => {
        this.#commands.abandon();
        this.#reads.abandon();
        this.#changes.abandon();
        this.#forwarder.abandon();
        this.#options.onEvent?.({ type: "stopped", reason });
      },
    };
  }

  #observe(event: ReplicaEvent): void {
    if (event.type === "roleChanged" && event.role === "leader") {
      this.#clusterClock.startReign(this.#loop.machine.clusterTimeMs, this.#options.clock.now());
    }
    if (event.type === "termChanged" || event.type === "leaderElected") this.#forwarder.leaderChanged(this.raft.leader);
    this.#changes.observe(event, this.raft.leader);
    this.#options.onEvent?.(event);
  }
}

/** How often a full disk is asked whether it has room again. */
const SEEK_ROOM_INTERVAL_MS = 1_000;
const NOTHING = new Uint8Array(0);
