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
import type { Applied, OutcomeHandler, RefusalCode, ReplicaEvent, ReplicaStatus, SessionCommand } from "../outcome.js";
import { ClusterClock, encodeEnvelope, type AppliedResult } from "../sessions/index.js";
import { MemberLoop, type LoopObserver } from "./memberLoop.js";
import { recover, type Recovered } from "./recovery.js";
import { refusal } from "./refusal.js";
import { completeReplicaOptions, type CompleteReplicaOptions, type ReplicaOptions } from "./replicaOptions.js";
import { WaitingChanges } from "./waitingChanges.js";
import { WaitingCommands, type CommandWaiter } from "./waitingCommands.js";
import { WaitingReads } from "./waitingReads.js";

/** What goes into the log, but for the time that the leader stamps on it. */
type UnstampedEnvelope =
  | { readonly kind: "plain"; readonly payload: Uint8Array }
  | { readonly kind: "command"; readonly session: SessionCommand; readonly payload: Uint8Array }
  | { readonly kind: "register" }
  | { readonly kind: "close"; readonly sessionId: number };

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

  private constructor(options: CompleteReplicaOptions, recovered: Recovered) {
    this.id = options.id;
    this.#options = options;
    this.#loop = new MemberLoop(options, recovered, this.#observer());
  }

  /**
   * Takes up where the disk left off, or begins.
   *
   * `done` gets the error of the disk, of what is damaged on it, or of the state machine, as the case may be.
   * @throws InvalidOptionError
   */
  static open(given: ReplicaOptions, done: Completion<Replica | null>): void {
    const options = completeReplicaOptions(given);
    recover(options, (error, recovered) => {
      if (error !== null || recovered === null) return done(error, null);
      const replica = new Replica(options, recovered);
      const { raft, tornBytes } = recovered;
      const snapshotIndex = raft.snapshot?.index ?? 0;
      options.onEvent?.({ type: "recovered", lastLogIndex: raft.lastLogIndex, snapshotIndex, tornBytes });
      done(null, replica);
      replica.#loop.start();
    });
  }

  /** The core, to look at; inputs to it would go past the log. */
  get raft(): Raft {
    return this.#loop.raft;
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
  propose(command: Uint8Array, session: SessionCommand | null, done: OutcomeHandler<Applied>): void {
    const isWellFormed = command instanceof Uint8Array && (session === null || isSessionCommand(session));
    if (!isWellFormed) return this.#refuse("MALFORMED", done);
    if (command.length > this.#options.limits.maxCommandBytes) return this.#refuse("TOO_LARGE", done);
    const envelope: UnstampedEnvelope =
      session === null ? { kind: "plain", payload: command } : { kind: "command", session, payload: command };
    this.#propose(envelope, done, (entry, result) => {
      invariant(result.status === "applied" || result.status === "duplicate", "a command has a result");
      const duplicate = result.status === "duplicate";
      return { result: result.result, index: entry.index, term: entry.term, duplicate };
    });
  }

  /** Begins a session. Where the outcome is unknown, another may be begun: one that isn't used expires. */
  registerSession(done: OutcomeHandler<{ readonly sessionId: number }>): void {
    this.#propose({ kind: "register" }, done, (_entry, result) => {
      invariant(result.status === "registered", "a registration gives a session");
      return { sessionId: result.sessionId };
    });
  }

  closeSession(sessionId: number, done: OutcomeHandler<null>): void {
    if (!isCount(sessionId)) return this.#refuse("MALFORMED", done);
    this.#propose({ kind: "close", sessionId }, done, () => null);
  }

  /** Asks the state machine. A follower asks its leader first from where on it may answer. */
  read(question: Uint8Array, consistency: ReplicaReadConsistency, done: OutcomeHandler<Uint8Array>): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    if (!(question instanceof Uint8Array)) return this.#refuse("MALFORMED", done);
    if (consistency === "stale") return this.#query(question, done);
    if (this.#reads.size >= this.#options.limits.maxWaitingReads) return this.#refuse("OVERLOADED", done);
    this.#loop.feed((raft, now) => {
      const context = this.#reads.add(now + this.#options.limits.readTimeoutMs, {
        ready: () => this.#query(question, done),
        refused: (code) => this.#refuse(code, done),
      });
      raft.read(now, context, consistency);
    });
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

  #propose<T>(
    envelope: UnstampedEnvelope,
    done: OutcomeHandler<T>,
    read: (entry: Entry, result: AppliedResult) => T,
  ): void {
    if (this.#loop.isStopped) return this.#refuse("STOPPED", done);
    if (this.#commands.size >= this.#options.limits.maxWaitingCommands) return this.#refuse("OVERLOADED", done);
    this.#loop.feed((raft, now) => {
      if (raft.role !== "leader") {
        this.#refuse("NOT_LEADER", done);
        return;
      }
      const clusterTimeMs = this.#clusterClock.stamp(this.#loop.machine.clusterTimeMs, now);
      const result = raft.propose(now, [encodeEnvelope({ ...envelope, clusterTimeMs })]);
      if (!result.ok) {
        done(refusal(result.code, result.leaderHint));
        return;
      }
      const waiter: CommandWaiter = {
        applied: (entry, outcome) => {
          if (outcome.status === "refused") this.#refuse(outcome.code, done);
          else done({ ok: true, value: read(entry, outcome) });
        },
        refused: (code) => this.#refuse(code, done),
      };
      this.#commands.add(result.firstIndex, result.term, now + this.#options.limits.commandTimeoutMs, waiter);
    });
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
      reached: (index) => this.#reads.applied(index),
      skipped: (index) => this.#commands.skipped(index),
      deadline: () => Math.min(this.#commands.deadline, this.#reads.deadline, this.#changes.deadline),
      expire: (now) => {
        this.#commands.expire(now);
        this.#reads.expire(now);
        this.#changes.expire(now, this.raft.leader);
      },
      stopped: (reason) => {
        this.#commands.abandon();
        this.#reads.abandon();
        this.#changes.abandon();
        this.#options.onEvent?.({ type: "stopped", reason });
      },
    };
  }

  #observe(event: ReplicaEvent): void {
    if (event.type === "roleChanged" && event.role === "leader") {
      this.#clusterClock.startReign(this.#loop.machine.clusterTimeMs, this.#options.clock.now());
    }
    this.#changes.observe(event, this.raft.leader);
    this.#options.onEvent?.(event);
  }
}

/** Whoever calls from JavaScript may give anything. */
function isSessionCommand(session: Partial<SessionCommand> | undefined): boolean {
  const { sessionId = 0, sequence = 0, firstOpenSequence = 0 } = session ?? {};
  return [sessionId, sequence, firstOpenSequence].every(isCount) && firstOpenSequence <= sequence;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1;
}
