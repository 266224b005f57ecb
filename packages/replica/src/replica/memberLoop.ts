import { InvariantError, type Effects, type Entry, type Message, type Raft, type ReadResult } from "@balsa/core";
import type { Timer } from "../clock.js";
import type { Done } from "../disk.js";
import type { ReplicaEvent } from "../outcome.js";
import type { AppliedResult, SessionedMachine } from "../sessions/index.js";
import type { LogStore } from "../storage/index.js";
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
 * Feeds the core and carries out what it wants done: one synchronous loop. Each input is followed by taking effects until
 * there are none. A failed disk, a broken invariant or a state machine that throws stops it for good.
 */
export class MemberLoop {
  readonly raft: Raft;
  readonly machine: SessionedMachine;
  readonly log: LogStore;
  readonly #options: CompleteReplicaOptions;
  readonly #observer: LoopObserver;
  readonly #snapshots: SnapshotKeeper;
  readonly #outbox = new Outbox();
  #timer: { readonly at: number; readonly timer: Timer } | null = null;
  #turning = false;
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
    this.feed(() => undefined);
  }

  /** Gives the core an input, then does all that follows from it. Nothing happens once the loop has stopped. */
  feed(input: (raft: Raft, now: number) => unknown): void {
    if (this.#isStopped) return;
    try {
      input(this.raft, this.#options.clock.now());
      this.#turn();
    } catch (error) {
      this.#failBy(error);
    }
  }

  /** What `feed` does, without a closure for each message. */
  #receive(message: Message): void {
    if (this.#isStopped) return;
    try {
      this.raft.receive(this.#options.clock.now(), message);
      this.#turn();
    } catch (error) {
      this.#failBy(error);
    }
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

  /** A snapshot from the leader holds now, and the state machine is about to be put to it. */
  snapshotAdopted(index: number): void {
    this.#heldEntries = [];
    this.#observer.skipped(index);
  }

  /** The state machine has been put to where a snapshot is. */
  restored(index: number): void {
    this.#lastApplied = index;
    this.#observer.reached(index);
    const held = this.#heldEntries;
    this.#heldEntries = [];
    if (held.length > 0) this.#apply(held);
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    try {
      while (!this.#isStopped) {
        const effects = this.raft.takeEffects();
        if (effects === null) break;
        this.#carryOut(effects);
      }
    } finally {
      this.#turning = false;
    }
    if (!this.#isStopped) this.#setTimer();
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

  #sendAll(messages: readonly Message[]): void {
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
