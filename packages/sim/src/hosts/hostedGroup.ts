import type { Message, NodeId, Raft } from "@balsa/core";
import type { Replica, ReplicaEvent } from "@balsa/replica";
import type { Digest } from "../digest/digest.js";
import { FaultTally } from "../faults/faultTally.js";
import type { LinkConditions } from "../faults/linkConditions.js";
import { InvariantChecker } from "../invariants/invariantChecker.js";
import type { SimulatedNetwork } from "../network/simulatedNetwork.js";
import { RandomStreams } from "../random/randomStreams.js";
import { TimelineRecorder } from "../report/timelineRecorder.js";
import type { Scenario } from "../scenario/scenario.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import type { ClientCluster, ClientNode } from "../workload/clientCluster.js";
import { ClientLedger } from "../workload/clientLedger.js";
import { machineKit } from "../workload/machineKit.js";
import { WorkloadClient } from "../workload/workloadClient.js";
import { ObservedMachine } from "../world/observedMachine.js";
import { sendProbe } from "../world/livenessPhase.js";
import { ProtocolVersions } from "../world/protocolVersions.js";
import type { WorldContext } from "../world/worldContext.js";
import type { HostedNode } from "./hostedNode.js";

export interface HostedGroupContext {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly digest: Digest;
  readonly conditions: LinkConditions;
  /** The group's own part of chance and settings. */
  readonly scenario: Scenario;
  readonly nodes: ReadonlyMap<NodeId, HostedNode>;
  violated(message: string): void;
}

/** One group: its clients, all that they saw, and the rules that its members must keep. */
export class HostedGroup implements ClientCluster {
  readonly number: number;
  readonly ledger: ClientLedger;
  readonly checker: InvariantChecker;
  /** How often a member began to rest. */
  rests = 0;
  readonly #context: HostedGroupContext;
  readonly #world: WorldContext;
  readonly #clients: WorkloadClient[] = [];
  readonly #resting = new Set<NodeId>();

  constructor(number: number, context: HostedGroupContext) {
    const { time, network, digest, scenario, conditions } = context;
    this.number = number;
    this.#context = context;
    this.checker = new InvariantChecker((check, node, message) => {
      context.violated(`${check} in group ${number} at ${node}: ${message}`);
    });
    const kit = machineKit(scenario.machine);
    this.ledger = new ClientLedger(kit.newHistory());
    this.#world = {
      scenario,
      time,
      streams: new RandomStreams(scenario.seed),
      digest,
      network,
      versions: new ProtocolVersions(),
      checker: this.checker,
      timeline: new TimelineRecorder(),
      tally: new FaultTally(),
      kit,
      takesInput: false,
      watch: null,
      trace: null,
      onRequest: null,
      recorder: null,
    };
    const budget = { take: () => true, exhausted: false };
    for (let client = 1; client <= (scenario.workload?.clients ?? 1); client += 1) {
      this.#clients.push(new WorkloadClient(this.#world, this, conditions, this.ledger, budget, client));
    }
  }

  node(id: NodeId): ClientNode | null {
    const node = this.#context.nodes.get(id);
    if (node === undefined) return null;
    const { number } = this;
    // Looked at later, and again and again, while the process lives and dies.
    return {
      id,
      get state() {
        return node.replica(number) === null ? "down" : "running";
      },
      get replica() {
        return node.replica(number);
      },
      get machine() {
        return node.machine(number);
      },
      enter: (task) => node.enter(task),
    };
  }

  voters(): readonly NodeId[] {
    return [...this.#context.nodes.keys()];
  }

  createMachine(node: NodeId): ObservedMachine {
    return new ObservedMachine(this.#world.kit.create(), node, this.checker.effects);
  }

  started(id: NodeId, raft: Raft): void {
    this.checker.started(this.checker.member(id), raft);
  }

  stopped(id: NodeId): void {
    this.checker.stopped(this.checker.member(id));
    this.#resting.delete(id);
  }

  event(id: NodeId, event: ReplicaEvent, machine: ObservedMachine): void {
    const record = this.checker.member(id);
    if (event.type === "applied") this.checker.applied(record, event.fromIndex, event.toIndex, machine.count);
    else if (event.type === "snapshotInstalled") this.checker.installed(record, event.index);
  }

  messageSent(from: NodeId, message: Message): void {
    this.checker.messageSent(this.checker.member(from), message);
  }

  /** After a step in which something may have happened on this host. */
  observe(id: NodeId, replica: Replica): void {
    const { raft } = replica;
    this.checker.observe(this.checker.member(id), raft);
    if (!raft.isResting) this.#resting.delete(id);
    else if (!this.#resting.has(id)) {
      this.#resting.add(id);
      this.rests += 1;
    }
  }

  startClients(): void {
    for (const client of this.#clients) client.think();
  }

  stopClients(): void {
    for (const client of this.#clients) client.stop();
  }

  get openRequests(): number {
    return this.#clients.reduce((sum, client) => sum + client.openCount, 0);
  }

  /** A fresh command, until it is committed. */
  probe(target: NodeId, committed: () => void): void {
    sendProbe(this.#world, this, this.#context.conditions, target, committed);
  }

  /** What keeps the group from its end, in words; null when nothing does. */
  missing(): string | null {
    if (this.openRequests > 0) return `${this.openRequests} requests of clients have no answer`;
    const { lastIndex } = this.checker.committed;
    for (const [id, node] of this.#context.nodes) {
      const replica = node.replica(this.number);
      if (replica === null) return `${id} does not run`;
      if (replica.lastApplied < lastIndex || replica.raft.lastLogIndex > replica.raft.commitIndex) {
        return `${id} has applied ${replica.lastApplied} of ${lastIndex}`;
      }
    }
    return null;
  }

  /** Compares the members' states, and what the clients saw with what one copy could have said. */
  judge(): void {
    const machines = [...this.#context.nodes.values()].map((node) => node.machine(this.number));
    const states = machines.map((machine) =>
      machine === null ? null : `${machine.chain} ${JSON.stringify(this.#world.kit.stateOf(machine.inner))}`,
    );
    if (new Set(states).size !== 1) this.#context.violated(`members of group ${this.number} are in different states`);
    const { linearizable, explanation } = this.ledger.history.verdict();
    if (linearizable === false) this.#context.violated(`group ${this.number}: ${explanation ?? "not linearizable"}`);
  }
}
