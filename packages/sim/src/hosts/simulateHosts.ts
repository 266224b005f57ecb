import { completeOptions, type NodeId, type RaftOptions } from "@balsa/core";
import { isForwardMessage, isHostMessage, preferredLeader, type GroupMessage } from "@balsa/replica";
import { Digest } from "../digest/digest.js";
import { LinkConditions } from "../faults/linkConditions.js";
import { SimulatedNetwork } from "../network/simulatedNetwork.js";
import { RandomStreams } from "../random/randomStreams.js";
import type { Scenario } from "../scenario/scenario.js";
import { VirtualTime } from "../schedule/virtualTime.js";
import { wireRoundTrip } from "../world/networkObserver.js";
import { HostedGroup } from "./hostedGroup.js";
import { HostedNode } from "./hostedNode.js";
import { HostFaults } from "./hostFaults.js";
import { HOST_FAULTS, type HostsReport, type HostsScenario } from "./hostsScenario.js";

/** So that groups rest, are roused and rest again many times within a run. */
const RAFT: Partial<RaftOptions> = {
  restAfterMs: 500,
  restingHeartbeatIntervalMs: 3_000,
  snapshotChunkBytes: 256,
  logTailEntries: 64,
};
const POLL_MS = 20;
const SERVE_WITHIN_ELECTION_TIMEOUTS = 30;
/** All have caught up by then, rest, and are led by whom they should be. */
const QUIET_WITHIN_ELECTION_TIMEOUTS = 200;

/**
 * Runs hosts of many groups: clients ask and faults strike; then one host stays broken, and each group must serve; then it comes
 * back, and every group must come to one state, to the leader that it should have, and to rest.
 */
export function simulateHosts(scenario: HostsScenario): HostsReport {
  const run = new HostsRun(scenario);
  run.run();
  return run.report();
}

class HostsRun {
  readonly #scenario: HostsScenario;
  readonly #time = new VirtualTime();
  readonly #streams: RandomStreams;
  readonly #digest = new Digest();
  readonly #raft: RaftOptions;
  readonly #conditions: LinkConditions;
  readonly #nodes = new Map<NodeId, HostedNode>();
  readonly #groups = new Map<number, HostedGroup>();
  readonly #faults: HostFaults;
  readonly #touched = new Set<HostedNode>();
  readonly #violations: string[] = [];
  readonly #segmentsSeen = new Map<NodeId, number>();
  #segmentsRemoved = 0;

  constructor(scenario: HostsScenario) {
    this.#scenario = scenario;
    this.#streams = new RandomStreams(scenario.seed);
    const raft = { ...RAFT, ...scenario.raft };
    this.#raft = completeOptions(raft);
    const network = new SimulatedNetwork(this.#time, this.#streams, {
      roundTrip: (message) => wireRoundTrip(message),
      observer: {
        onSent: (from, _to, message) => this.#sent(from, message),
        onDelivered: (_from, _to, { group, message }) => {
          this.#digest.add(group);
          this.#digest.add(message.term);
        },
      },
    });
    this.#conditions = new LinkConditions(network);
    const founders = Array.from({ length: scenario.hosts ?? 3 }, (_, i) => `n${i + 1}`);
    const context = {
      time: this.#time,
      streams: this.#streams,
      network,
      raft,
      founders,
      groups: this.#groups,
      touched: (node: HostedNode) => void this.#touched.add(node),
      failed: (node: NodeId, message: string) => this.#violated(`${node}: ${message}`),
    };
    for (const id of founders) this.#nodes.set(id, new HostedNode(context, id));
    for (let number = 1; number <= (scenario.groups ?? 20); number += 1) this.#addGroup(number, network);
    const { faults = HOST_FAULTS, faultEveryMs = 3_000 } = scenario;
    this.#faults = new HostFaults(this.#time, this.#streams, this.#conditions, this.#nodes, faults, faultEveryMs);
  }

  run(): void {
    for (const node of this.#nodes.values()) node.start();
    for (const group of this.#groups.values()) group.startClients();
    this.#faults.start();
    this.#runFor(this.#scenario.durationMs ?? 30_000);
    for (const group of this.#groups.values()) group.stopClients();
    this.#faults.stop();
    this.#serveWithout(this.#streams.stream("liveness/broken").pick([...this.#nodes.values()]));
    this.#comeToRest();
    if (this.#violations.length > 0) return;
    for (const group of this.#groups.values()) group.judge();
  }

  report(): HostsReport {
    const groups = [...this.#groups.values()];
    const sum = (of: (group: HostedGroup) => number): number => groups.reduce((total, group) => total + of(group), 0);
    const leaders = groups.map(
      ({ number }) => [...this.#nodes.values()].find((node) => isLedBy(node, number))?.id ?? "",
    );
    return {
      violations: this.#violations,
      commandsCommitted: sum(({ ledger }) => ledger.commandsCommitted),
      readsAnswered: sum(({ ledger }) => ledger.readsAnswered),
      leaderElections: sum(({ checker }) => checker.leaderElections),
      rests: sum(({ rests }) => rests),
      faults: this.#faults.counts,
      segmentsRemoved: this.#segmentsRemoved,
      led: Object.fromEntries(
        [...this.#nodes.keys()].map((id) => [id, leaders.filter((leader) => leader === id).length]),
      ),
      digest: this.#digest.hex(),
    };
  }

  #addGroup(number: number, network: SimulatedNetwork): void {
    const { hosts = 3, commandsPerSecond = 0.5 } = this.#scenario;
    const scenario: Scenario = {
      version: 1,
      seed: this.#streams.stream(`group/${number}`).integer(0, 2 ** 32 - 1),
      nodes: hosts,
      machine: number % 2 === 0 ? "counter" : "kv",
      raft: this.#raft,
      workload: { clients: 2, ratePerSecond: commandsPerSecond },
    };
    const context = {
      time: this.#time,
      network,
      digest: this.#digest,
      conditions: this.#conditions,
      scenario,
      nodes: this.#nodes,
      violated: (message: string) => this.#violated(message),
    };
    this.#groups.set(number, new HostedGroup(number, context));
  }

  /** One host is broken for good, in one of the ways there are, and every group commits a fresh command. */
  #serveWithout(broken: HostedNode): void {
    if (this.#nodes.size > 2) {
      if (this.#streams.stream("liveness/how").chance(0.5)) broken.crash(false);
      else this.#conditions.isolate(broken.id, [...this.#nodes.keys()]);
    }
    const others = [...this.#nodes.keys()].filter((id) => id !== broken.id || this.#nodes.size <= 2);
    const waiting = new Set(this.#groups.keys());
    for (const group of this.#groups.values()) {
      const target = this.#streams.stream("liveness/target").pick(others);
      group.probe(target, () => void waiting.delete(group.number));
    }
    const isDone = this.#runUntil(SERVE_WITHIN_ELECTION_TIMEOUTS, () => waiting.size === 0);
    if (!isDone) this.#violated(`liveness: without ${broken.id} groups ${[...waiting].join(", ")} commit nothing`);
  }

  #comeToRest(): void {
    this.#faults.stop();
    let missing: string | null = "it has not begun";
    const isDone = this.#runUntil(QUIET_WITHIN_ELECTION_TIMEOUTS, () => {
      missing = this.#missing();
      return missing === null;
    });
    if (!isDone) this.#violated(`liveness: with all healed, ${missing}`);
  }

  #missing(): string | null {
    for (const group of this.#groups.values()) {
      const missing = group.missing() ?? this.#unrest(group);
      if (missing !== null) return `in group ${group.number} ${missing}`;
    }
    return null;
  }

  #unrest({ number }: HostedGroup): string | null {
    for (const [id, node] of this.#nodes) {
      const raft = node.replica(number)?.raft;
      if (raft === undefined) return `${id} does not run`;
      const preferred = preferredLeader(number, raft.configuration);
      if (raft.leader !== preferred) return `${id} follows ${raft.leader}, where ${preferred} should lead`;
      if (!raft.isResting) return `${id} does not rest`;
    }
    return null;
  }

  #runUntil(electionTimeouts: number, holds: () => boolean): boolean {
    const deadline = this.#time.now + electionTimeouts * this.#raft.electionTimeoutMs;
    while (this.#time.now < deadline && this.#violations.length === 0) {
      if (holds()) return true;
      this.#runFor(POLL_MS);
    }
    return this.#violations.length > 0 || holds();
  }

  #runFor(durationMs: number): void {
    const untilMs = this.#time.now + durationMs;
    this.#time.schedule(untilMs, () => undefined);
    while (this.#violations.length === 0 && this.#time.runNextBy(untilMs)) {
      this.#digest.add(this.#time.now);
      for (const node of this.#touched) this.#observe(node);
      this.#touched.clear();
    }
  }

  #observe(node: HostedNode): void {
    for (const group of this.#groups.values()) {
      const replica = node.replica(group.number);
      if (replica !== null) group.observe(node.id, replica);
    }
    const size = node.host?.logSizeBytes ?? 0;
    if (size < (this.#segmentsSeen.get(node.id) ?? 0)) this.#segmentsRemoved += 1;
    this.#segmentsSeen.set(node.id, size);
  }

  #sent(from: NodeId, { group, message }: GroupMessage): void {
    if (isForwardMessage(message)) return;
    if (!isHostMessage(message)) this.#groups.get(group)?.messageSent(from, message);
    else if (message.type === "heartbeatBatch") {
      for (const heartbeat of message.heartbeats)
        this.#groups.get(heartbeat.group)?.messageSent(from, heartbeat.message);
    }
  }

  #violated(message: string): void {
    this.#violations.push(`at ${this.#time.now} ms: ${message}`);
  }
}

function isLedBy(node: HostedNode, group: number): boolean {
  return node.replica(group)?.raft.role === "leader";
}
