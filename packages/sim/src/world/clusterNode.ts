import type { NodeId } from "@balsa/core";
import {
  Replica,
  type ReplicaEvent,
  type ReplicaLimits,
  type ReplicaOptions,
  type SessionOptions,
} from "@balsa/replica";
import { NodeClock } from "../clock/nodeClock.js";
import { DEFAULT_DISK_SETTINGS } from "../disk/diskSettings.js";
import { SimulatedDisk } from "../disk/simulatedDisk.js";
import type { MemberRecord } from "../invariants/memberRecord.js";
import type { Scenario } from "../scenario/scenario.js";
import type { UnsyncedFate } from "../scenario/timedFault.js";
import { NodeProcess } from "../schedule/nodeProcess.js";
import type { Task } from "../schedule/task.js";
import { ObservedMachine } from "./observedMachine.js";
import { noteReplicaEvent } from "./noteReplicaEvent.js";
import type { WorldContext } from "./worldContext.js";

/**
 * `lost`: the disk is damaged for good, and the replica refuses to start. `retired`: no member any more, and switched off.
 */
export type NodeState = "starting" | "running" | "down" | "lost" | "retired";

/** What a simulated cluster gives its replicas beyond their own defaults, so that a short run sees all there is. */
const SMALL = { snapshotEveryBytes: 8_192, segmentBytes: 16_384, snapshotChunkBytes: 256, logTailEntries: 64 };
/** Input may be of any length, and what it builds up of any size: snapshots must not come with every few lines. */
const LARGE = {
  snapshotEveryBytes: 1_048_576,
  segmentBytes: 262_144,
  snapshotChunkBytes: 16_384,
  logTailEntries: 1_024,
};
/** A replica that stopped by itself is started again after so long. */
const RESTART_AFTER_MS = 1_000;
/** A clock starts anywhere up to this, for members' clocks need not agree. */
const MAX_CLOCK_START_MS = 1_000_000;

const BATCHING_PROBABILITY = 0.3;
const MAX_BATCHING_MS = 2;

/** A machine with its disk and clock, and the lives of the replica on it, one after the other. */
export class ClusterNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly clock: NodeClock;
  readonly record: MemberRecord;
  /** Bits of its log have rotted, so it may refuse to start at any time. */
  rotten = false;
  readonly #world: WorldContext;
  readonly #founders: readonly NodeId[] | null;
  readonly #touched: (node: ClusterNode) => void;
  /** Whether it waits to be looked at. */
  toBeObserved = false;
  #state: NodeState = "down";
  #process: NodeProcess | null = null;
  #replica: Replica | null = null;
  #machine: ObservedMachine | null = null;
  /** Until then a disk fault explains why the replica stops. */
  #excusedUntilMs = -1;
  /** Counts starts and ends, so that a restart that was due does not come after something else has decided. */
  #turns = 0;

  /** @param touched told whenever something may have happened to the replica, so that only then need it be looked at */
  constructor(
    world: WorldContext,
    id: NodeId,
    founders: readonly NodeId[] | null,
    touched: (node: ClusterNode) => void,
  ) {
    this.#world = world;
    this.#touched = touched;
    this.id = id;
    this.#founders = founders;
    this.disk = new SimulatedDisk(id, world.time, world.streams);
    this.clock = new NodeClock(world.time, world.streams.stream(`clock/${id}/start`).float() * MAX_CLOCK_START_MS);
    this.record = world.checker.member(id);
    world.timeline.note(id, world.time.now, "down", 0);
  }

  get state(): NodeState {
    return this.#state;
  }

  get paused(): boolean {
    return this.#process?.paused ?? false;
  }

  /** Null unless running. */
  get replica(): Replica | null {
    return this.#replica;
  }

  /** Whether what happened while it was paused has still to be taken in, event by event. */
  get hasBacklog(): boolean {
    return this.#process !== null && this.#process.backlog > 0;
  }

  get machine(): ObservedMachine | null {
    return this.#machine;
  }

  /** Starts a process, which recovers what the disk holds. */
  start(): void {
    if (this.#state !== "down") return;
    this.#turns += 1;
    this.#state = "starting";
    const { time, network, streams, kit, checker, scenario } = this.#world;
    const sizes = this.#world.takesInput ? LARGE : SMALL;
    const process = new NodeProcess(this.id, time, () => {
      if (!this.toBeObserved) this.#touched(this);
    });
    this.#process = process;
    const machine = new ObservedMachine(kit.create(), this.id, checker.effects);
    const random = streams.stream(`replica/${this.id}`);
    const options: ReplicaOptions = {
      id: this.id,
      group: 1,
      disk: this.disk.mount(process),
      network: network.attach(process),
      clock: this.clock.attach(process, this.#drawSoon()),
      random: () => random.float(),
      stateMachine: machine,
      founders: this.#founders,
      raft: { snapshotChunkBytes: sizes.snapshotChunkBytes, logTailEntries: sizes.logTailEntries, ...scenario.raft },
      sessions: sessionOptions(scenario),
      limits: limits(scenario, sizes),
      ...(this.#world.recorder !== null && { recorder: this.#world.recorder(this.id) }),
      onEvent: (event) => {
        if (this.#process === process) this.#onEvent(event, machine);
      },
    };
    Replica.open(options, (error, replica) => {
      if (this.#process === process) this.#opened(error, replica, machine);
    });
  }

  /** Some processes deal at once with all that has come in within a little while, as one on an event loop does. */
  #drawSoon(): (() => number) | null {
    const stream = this.#world.streams.stream(`process/${this.id}/batching`);
    return stream.chance(BATCHING_PROBABILITY) ? () => stream.float() * MAX_BATCHING_MS : null;
  }

  /** The process dies this instant. */
  crash(unsynced: UnsyncedFate): void {
    this.#turns += 1;
    this.#end("down", "crashed", unsynced);
  }

  /** Switches the node off for good. */
  retire(): void {
    this.#turns += 1;
    if (this.#state === "lost" || this.#state === "down") this.#state = "retired";
    else this.#end("retired", "left the cluster", "keep");
    this.#world.timeline.note(this.id, this.#world.time.now, "absent", 0);
    this.record.lastEntry = null;
  }

  pause(): void {
    this.#process?.pause();
    this.noteLane();
  }

  resume(): void {
    this.#world.watch?.resumed(this);
    this.#process?.resume();
    this.noteLane();
  }

  /** Runs something in the process, as soon as that lets it in; never if it dies before. */
  enter(task: Task): void {
    this.#process?.enter(task);
  }

  /** A disk fault strikes: for so long nobody need wonder that the replica stops. */
  excuse(forMs: number): void {
    this.#excusedUntilMs = Math.max(this.#excusedUntilMs, this.#world.time.now + forMs);
  }

  usualDiskSpeed(): void {
    const { syncMinMs, syncMeanMs } = DEFAULT_DISK_SETTINGS;
    this.disk.set({ syncMinMs, syncMeanMs });
  }

  /** Draws what the node is now into its lane of the timeline. */
  noteLane(): void {
    const { timeline, time } = this.#world;
    const replica = this.#replica;
    if (replica === null) {
      timeline.note(this.id, time.now, this.#state === "retired" ? "absent" : "down", this.record.term);
    } else if (this.paused) {
      timeline.note(this.id, time.now, "paused", replica.raft.term);
    } else {
      const { configuration, role, term } = replica.raft;
      const isLearner = role === "follower" && configuration.learners.includes(this.id);
      timeline.note(this.id, time.now, isLearner ? "learner" : role, term);
    }
  }

  #opened(error: Error | null, replica: Replica | null, machine: ObservedMachine): void {
    if (error !== null || replica === null) {
      const isDamage = error !== null && "code" in error && DAMAGE_CODES.has(String(error.code));
      this.#stoppedItself(error ?? new Error("the replica was not opened"), isDamage ? "lost" : "down");
      return;
    }
    if (this.#state !== "starting") return;
    this.#state = "running";
    this.#replica = replica;
    this.#machine = machine;
    this.#world.watch?.started(this, replica.raft);
    this.#world.checker.started(this.record, replica.raft);
    this.noteLane();
  }

  #onEvent(event: ReplicaEvent, machine: ObservedMachine): void {
    this.#world.watch?.event(this, event);
    switch (event.type) {
      case "applied":
        this.#world.checker.applied(this.record, event.fromIndex, event.toIndex, machine.count);
        break;
      case "snapshotInstalled":
        this.#world.checker.installed(this.record, event.index);
        break;
      case "recovered":
        if (event.tornBytes > 0) this.#world.tally.add("tornWrites");
        break;
      case "roleChanged":
      case "configurationChanged":
      case "termChanged":
        if (this.#replica !== null) this.noteLane();
        break;
      case "stopped":
        if (this.#state !== "retired") this.#stoppedItself(event.reason, "down");
        break;
      default:
        break;
    }
    noteReplicaEvent(this.#world, this.id, event);
  }

  /** The replica gave up. That is right where its disk failed it, and wrong everywhere else. */
  #stoppedItself(reason: Error | null, state: "down" | "lost"): void {
    const { checker, time } = this.#world;
    checker.counts.noFailure += 1;
    const isBug = reason !== null && "code" in reason && reason.code === "INVARIANT_VIOLATED";
    if (isBug || time.now > this.#excusedUntilMs) checker.failed(this.id, `the replica stopped: ${String(reason)}`);
    this.#end(state, String(reason), "keep");
    if (state === "lost") return;
    // As a service's supervisor would. The error of a disk fault may come when the fault itself is long over.
    this.#turns += 1;
    const turn = this.#turns;
    time.after(RESTART_AFTER_MS, () => {
      if (this.#turns === turn) this.start();
    });
  }

  #end(state: "down" | "lost" | "retired", reason: string, unsynced: UnsyncedFate): void {
    if (this.#process === null) return;
    this.#world.watch?.stopped(this, state);
    this.#process.kill();
    this.#process = null;
    this.#replica = null;
    this.#machine = null;
    this.#state = state;
    const loses = unsynced === "lose";
    this.disk.set({ loseUnsyncedWrites: loses, tearWrites: loses, loseDirectoryChanges: loses });
    this.disk.crash();
    this.#world.checker.stopped(this.record);
    this.#world.trace?.({ what: "stopped", node: this.id, reason });
    this.noteLane();
  }
}

function limits(scenario: Scenario, sizes: typeof SMALL): Partial<ReplicaLimits> {
  const { snapshotEveryBytes = sizes.snapshotEveryBytes, segmentBytes = sizes.segmentBytes } = scenario.replica ?? {};
  const { commandTimeoutMs, readTimeoutMs } = scenario.replica ?? {};
  return {
    snapshotEveryBytes,
    segmentBytes,
    ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
    ...(readTimeoutMs === undefined ? {} : { readTimeoutMs }),
  };
}

function sessionOptions(scenario: Scenario): Partial<SessionOptions> {
  const { sessionTimeoutMs, maxSessions } = scenario.replica ?? {};
  return {
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    ...(maxSessions === undefined ? {} : { maxSessions }),
  };
}

/** The replica says that what its disk holds can't be trusted. */
const DAMAGE_CODES: ReadonlySet<string> = new Set(["LOG_DAMAGED", "SNAPSHOT_CORRUPT", "FORMAT_UNKNOWN"]);
