import { InvariantError, type Effects, type Entry, type Raft, type ReadResult } from "@balsa/core";
import type { Timer } from "../clock.js";
import type { Done } from "../disk.js";
import { isForwardMessage, type ForwardMessage } from "../forwarding/forwardMessage.js";
import type { PeerMessage } from "../network.js";
import type { ReplicaEvent } from "../outcome.js";
import type { AppliedResult, SessionedMachine } from "../sessions/index.js";
import type { ReplicaLog } from "../storage/index.js";
import { Outbox } from "./outbox.js";
import type { Recovered } from "./recovery.js";
import type { CompleteReplicaOptions } from "./replicaOptions.js";
import { SnapshotKeeper } from "./snapshotKeeper.js";

/** What the loop tells of what it does. */
export interface LoopObserver {
  /** In order, and before anything else that the same step brings. */
  event(event: ReplicaEvent): void;
  /** `result` is null for entries that are no commands. */
  applied(entry: Entry, result: AppliedResult | null): void;
  readResolved(result: ReadResult): void;
  /** A message that is none of the core's. */
  forwarded(message: ForwardMessage): void;
  /** What is to be sent beside the core's messages, now that a turn ends. */
  takeForwards(): readonly ForwardMessage[];
  /** The state machine has reached `index`, by entries or by a snapshot. */
  reached(index: number): void;
  /** A snapshot took the place of all entries up to `index`. */
  skipped(index: number): void;
  /** When `expire` is next due; `Infinity` for never. */
  deadline(): number;
  expire(now: number): void;
  /** The loop has stopped, by itself when there is a reason. */
  stopped(reason: Error | null): void;
}

/**
 * Feeds the core and carries out what it wants done. An input goes into the core at once; the turn that carries out what
 * follows from it comes `soon`, so that all that has come in by then is one persist, one append for each follower, and one
 * batch for the state machine. A turn takes effects until there are none. A failed disk, a broken invariant or a state machine that throws stops it for good.
 */
export class MemberLoop {
  readonly raft: Raft;
  readonly machine: SessionedMachine;
  readonly log: ReplicaLog;
  readonly #options: CompleteReplicaOptions;
  readonly #observer: LoopObserver;
  readonly #snapshots: SnapshotKeeper;
  readonly #outbox = new Outbox();
  #timer: { readonly at: number; readonly timer: Timer } | null = null;
  #turning = false;
  #turnIsDue = false;
  #isStopped = false;
  #isClosed = false;
  /** Whoever waits for the files to be closed. */
  readonly #closers: Done[] = [];
  #lastApplied: number;
  /** Committed entries that wait until a snapshot has been restored. */
  #heldEntries: readonly Entry[] = [];

  constructor(options: CompleteReplicaOptions, recovered: Recovered, observer: LoopObserver) {
    this.#options = options;
    this.#observer = observer;
    this.raft = recovered.raft;
    this.machine = recovered.machine;
    this.log = recovered.log;
    this.log.onFullChanged = (full) => this.#tell({ type: "diskFull", full });
    this.#lastApplied = recovered.raft.appliedIndex;
    this.#snapshots = new SnapshotKeeper(options, recovered, this);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The state machine holds everything up to here. */
  get lastApplied(): number {
    return this.#lastApplied;
  }

  start(): void {
    if (this.#isStopped) return;
    const { network, group } = this.#options;
    network.onMessage((incoming) => {
      if (incoming.group === group) this.#receive(incoming.message);
    });
    for (const change of this.machine.takeAddressChanges()) this.#tell({ type: "addressChanged", ...change });
    this.feed(() => undefined);
  }

  /** Gives the core an input; what follows from it is done soon. Nothing happens once the loop has stopped. */
  feed(input: (raft: Raft, now: number) => unknown): void {
    if (this.#isStopped) return;
    try {
      input(this.raft, this.#options.clock.now());
    } catch (error) {
      return this.#failBy(error);
    }
    this.turnSoon();
  }

  /** Has a turn taken. */
  turnSoon(): void {
    // A turn under way goes on until nothing is left to do.
    if (this.#turnIsDue || this.#turning || this.#isStopped) return;
    this.#turnIsDue = true;
    this.#options.clock.soon(this.#takeTurn);
  }

  readonly #takeTurn = (): void => {
    this.#turnIsDue = false;
    if (this.#isStopped) return;
    try {
      this.#turn();
    } catch (error) {
      this.#failBy(error);
    }
  };

  /** What `feed` does, without a closure for each message. */
  #receive(message: PeerMessage): void {
    if (this.#isStopped) return;
    try {
      if (isForwardMessage(message)) this.#observer.forwarded(message);
      else this.raft.receive(this.#options.clock.now(), message);
    } catch (error) {
      return this.#failBy(error);
    }
    this.turnSoon();
  }

  #failBy(error: unknown): void {
    this.fail(error instanceof Error ? error : new InvariantError(`Something threw ${String(error)}.`));
  }

  /** Stops for a reason that leaves no choice. */
  fail(reason: Error): void {
    this.#end(reason, () => undefined);
  }

  /** Stops, and closes the files. */
  stop(done: Done): void {
    this.#end(null, done);
  }

  releaseLog(): void {
    this.#snapshots.releaseLog();
  }

  /** A snapshot from the leader holds now, and the state machine is about to be put to it. */
  snapshotAdopted(index: number): void {
    this.#heldEntries = [];
    this.#observer.skipped(index);
  }

  /** The state machine has been put to where a snapshot is. */
  restored(index: number): void {
    this.#lastApplied = index;
    for (const change of this.machine.takeAddressChanges()) this.#tell({ type: "addressChanged", ...change });
    this.#observer.reached(index);
    const held = this.#heldEntries;
    this.#heldEntries = [];
    if (held.length > 0) this.#apply(held);
  }

  #turn(): void {
    if (this.#turning) return; // called back from within a turn
    this.#turning = true;
    try {
      while (!this.#isStopped) {
        const effects = this.raft.takeEffects();
        if (effects !== null) this.#carryOut(effects);
        else if (!this.#sendForwards()) break;
      }
    } finally {
      this.#turning = false;
    }
    if (!this.#isStopped) this.#setTimer();
  }

  /** Returns whether there were any. */
  #sendForwards(): boolean {
    const messages = this.#observer.takeForwards();
    this.#sendAll(messages);
    return messages.length > 0;
  }

  #carryOut(effects: Effects): void {
    for (const event of effects.events) this.#tell(event);
    // Whoever hears of an event, or of an outcome below, may stop this member.
    if (this.#isStopped) return;
    this.#persist(effects);
    this.#sendAll(effects.send);
    this.#sendAll(this.#outbox.admit(effects.sendAfterPosition, effects.sendAfterPersist));
    if (effects.apply.length > 0) this.#apply(effects.apply);
    if (this.#isStopped) return;
    for (const result of effects.reads) this.#observer.readResolved(result);
    if (effects.reads.length > 0) this.#observer.reached(this.#lastApplied);
    if (this.#isStopped) return;
    for (const wanted of effects.snapshotReads) this.#snapshots.serve(wanted);
    for (const chunk of effects.snapshotWrites) this.#snapshots.take(chunk);
  }

  /** Nothing happens any more once `stopped` has been told. */
  #tell(event: ReplicaEvent): void {
    if (!this.#isStopped) this.#observer.event(event);
  }

  #persist({ persist }: Effects): void {
    if (persist === null) return;
    this.log.append(this.#options.group, persist, (error) => {
      if (error !== null) return this.fail(error);
      this.feed((raft, now) => {
        raft.persisted(now, persist.position);
        this.#sendAll(this.#outbox.release(persist.position));
      });
    });
  }

  #sendAll(messages: readonly PeerMessage[]): void {
    const { network, group } = this.#options;
    for (const message of messages) network.send(message.to, { group, message });
  }

  #apply(entries: readonly Entry[]): void {
    if (this.#snapshots.isRestoring) {
      this.#heldEntries = entries;
      return;
    }
    const commands = entries.every(isCommand) ? entries : entries.filter(isCommand);
    const results = this.machine.apply(commands);
    const last = entries[entries.length - 1] as Entry;
    this.#lastApplied = last.index;
    this.raft.applied(this.#options.clock.now(), last.index);
    let next = 0;
    for (const entry of entries) {
      const result = entry.kind === "command" ? (results[next++] as AppliedResult) : null;
      this.#observer.applied(entry, result);
    }
    this.#tell({ type: "applied", fromIndex: (entries[0] as Entry).index, toIndex: last.index });
    for (const sessionId of this.machine.takeExpiredSessions()) {
      this.#tell({ type: "sessionExpired", sessionId });
    }
    for (const change of this.machine.takeAddressChanges()) this.#tell({ type: "addressChanged", ...change });
    this.#observer.reached(last.index);
    if (!this.#isStopped) this.#snapshots.noteApplied(entries);
  }

  /** A timer that fires too early costs less than one that is set anew with every message. */
  #setTimer(): void {
    const deadline = Math.min(this.raft.deadline, this.#observer.deadline());
    if (deadline === Infinity || (this.#timer !== null && this.#timer.at <= deadline)) return;
    this.#timer?.timer.cancel();
    this.#timer = { at: deadline, timer: this.#options.clock.setTimer(deadline, this.#wake) };
  }

  readonly #wake = (): void => {
    this.#timer = null;
    this.feed(this.#wakeCore);
  };

  readonly #wakeCore = (raft: Raft, now: number): void => {
    raft.wake(now);
    this.#observer.expire(now);
  };

  #end(reason: Error | null, done: Done): void {
    if (this.#isClosed) return done(null);
    this.#closers.push(done);
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#options.network.onMessage(null);
    this.#timer?.timer.cancel();
    this.#options.recorder?.stopped(reason);
    this.#observer.stopped(reason);
    this.#snapshots.stop(() => {
      this.log.close((error) => {
        this.#isClosed = true;
        for (const closer of this.#closers) closer(error);
      });
    });
  }
}

function isCommand(entry: Entry): boolean {
  return entry.kind === "command";
}
