import type { NodeId, RaftOptions } from "@balsa/core";
import { ReplicaHost, type Replica, type ReplicaEvent } from "@balsa/replica";
import { NodeClock } from "../clock/nodeClock.js";
import { SimulatedDisk } from "../disk/simulatedDisk.js";
import type { SimulatedNetwork } from "../network/simulatedNetwork.js";
import type { RandomStreams } from "../random/randomStreams.js";
import { NodeProcess } from "../schedule/nodeProcess.js";
import type { Task } from "../schedule/task.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import type { ObservedMachine } from "../world/observedMachine.js";
import type { HostedGroup } from "./hostedGroup.js";

const MAX_CLOCK_START_MS = 1_000_000;
const BATCHING_PROBABILITY = 0.3;
const MAX_BATCHING_MS = 2;
/** Small, so that files of the log come and go, and groups have to let go of them. */
const SETTINGS = { segmentBytes: 16_384, maxLogBytes: 65_536 };
const LIMITS = { snapshotEveryBytes: 8_192, snapshotChunkBytes: 256 };

export interface HostedNodeContext {
  readonly time: VirtualTime;
  readonly streams: RandomStreams;
  readonly network: SimulatedNetwork;
  readonly raft: Partial<RaftOptions>;
  readonly founders: readonly NodeId[];
  readonly groups: ReadonlyMap<number, HostedGroup>;
  touched(node: HostedNode): void;
  failed(node: NodeId, message: string): void;
}

/** A machine that hosts a member of every group, and the lives of its process, one after the other. */
export class HostedNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly clock: NodeClock;
  readonly #context: HostedNodeContext;
  #process: NodeProcess | null = null;
  #host: ReplicaHost | null = null;
  readonly #machines = new Map<number, ObservedMachine>();

  constructor(context: HostedNodeContext, id: NodeId) {
    const { time, streams } = context;
    this.id = id;
    this.#context = context;
    this.disk = new SimulatedDisk(id, time, streams);
    this.clock = new NodeClock(time, streams.stream(`clock/${id}/start`).float() * MAX_CLOCK_START_MS);
  }

  get isUp(): boolean {
    return this.#process !== null;
  }

  get paused(): boolean {
    return this.#process?.paused ?? false;
  }

  get host(): ReplicaHost | null {
    return this.#host;
  }

  replica(group: number): Replica | null {
    return this.#host?.members.get(group) ?? null;
  }

  machine(group: number): ObservedMachine | null {
    return this.#machines.get(group) ?? null;
  }

  enter(task: Task): void {
    this.#process?.enter(task);
  }

  start(): void {
    if (this.#process !== null) return;
    const { time, streams, network, raft } = this.#context;
    const process = new NodeProcess(this.id, time, () => this.#context.touched(this));
    this.#process = process;
    const random = streams.stream(`host/${this.id}`);
    const batching = streams.stream(`process/${this.id}/batching`);
    const soon = batching.chance(BATCHING_PROBABILITY) ? () => batching.float() * MAX_BATCHING_MS : null;
    const options = {
      id: this.id,
      disk: this.disk.mount(process),
      network: network.attach(process),
      clock: this.clock.attach(process, soon),
      random: () => random.float(),
      raft,
      settings: SETTINGS,
    };
    ReplicaHost.open(options, (error, host) => {
      if (this.#process !== process) return;
      if (host === null) return this.#context.failed(this.id, error?.message ?? "the host was not opened");
      this.#host = host;
      for (const group of this.#context.groups.values()) this.#openMember(process, host, group);
    });
  }

  /** The process dies this instant. */
  crash(losesUnsynced: boolean): void {
    if (this.#process === null) return;
    this.#process.kill();
    this.#process = null;
    this.#host = null;
    this.#machines.clear();
    this.disk.set({
      loseUnsyncedWrites: losesUnsynced,
      tearWrites: losesUnsynced,
      loseDirectoryChanges: losesUnsynced,
    });
    this.disk.crash();
    for (const group of this.#context.groups.values()) group.stopped(this.id);
  }

  pause(): void {
    this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  #openMember(process: NodeProcess, host: ReplicaHost, group: HostedGroup): void {
    const machine = group.createMachine(this.id);
    const options = {
      group: group.number,
      stateMachine: machine,
      founders: this.#context.founders,
      limits: LIMITS,
      onEvent: (event: ReplicaEvent) => {
        if (this.#process !== process) return;
        group.event(this.id, event, machine);
        if (event.type === "stopped") {
          this.#context.failed(this.id, `group ${group.number} stopped: ${event.reason?.message ?? "for no reason"}`);
        }
      },
    };
    host.openMember(options, (error, replica) => {
      if (this.#process !== process) return;
      if (replica === null) {
        return this.#context.failed(
          this.id,
          `group ${group.number} did not open: ${error?.message ?? "no reason given"}`,
        );
      }
      this.#machines.set(group.number, machine);
      group.started(this.id, replica.raft);
    });
  }
}
