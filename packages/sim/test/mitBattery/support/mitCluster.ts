import type { NodeId, RaftOptions } from "@balsa/core";
import { encodeMessage, type Outcome, type Replica, type StateMachine } from "@balsa/replica";
import { Digest } from "../../../src/digest/digest.js";
import { FaultTally } from "../../../src/faults/faultTally.js";
import { InvariantChecker } from "../../../src/invariants/invariantChecker.js";
import type { RandomStream } from "../../../src/random/randomStream.js";
import { RandomStreams } from "../../../src/random/randomStreams.js";
import { TimelineRecorder } from "../../../src/report/timelineRecorder.js";
import type { ReplicaSettings, Scenario } from "../../../src/scenario/scenario.js";
import { VirtualTime } from "../../../src/schedule/virtualTime.js";
import { machineKit, type MachineKit } from "../../../src/workload/machineKit.js";
import { Cluster } from "../../../src/world/cluster.js";
import type { ClusterNode } from "../../../src/world/clusterNode.js";
import { ProtocolVersions } from "../../../src/world/protocolVersions.js";
import { networkObserver, wireRoundTrip } from "../../../src/world/networkObserver.js";
import { Running, type Activity } from "./activity.js";
import { LabNetwork } from "./labNetwork.js";

export interface MitSetup {
  readonly servers: number;
  /** Default: what `BATTERY_SEED` in the environment says, or 1. */
  readonly seed?: number;
  readonly kit?: MachineKit;
  readonly raft?: Partial<RaftOptions>;
  readonly replica?: ReplicaSettings;
}

/** Whoever asks for a leader must find one within ten looks, 450 to 550 ms apart. */
const LOOKS_FOR_A_LEADER = 10;
const LOOK_EVERY_MS = 450;
const LOOK_SPREAD_MS = 100;
/**
 * Servers campaign after this much silence, to twice that. It is more than the library's default, as for any network where
 * answers take up to two seconds: the lab allows so few heartbeats that with 300 ms a leader loses touch with its quorum.
 */
const SILENCE_MS = 500;
/** No test takes longer, or it would never end. */
const MAX_TEST_MS = 600_000;
/** Without a snapshot size the battery wants none. */
const NO_SNAPSHOTS_BYTES = 1_000_000_000;

/**
 * The lab's cluster on the simulator: real replicas on simulated disks, clocks and network, driven step by step in virtual
 * time. Options are the library's defaults but for the time until an election (`SILENCE_MS`); there are ten heartbeats a
 * second. A crash is one of the power: what is not synced may be lost or torn. After every step all the simulator's
 * invariants are checked.
 *
 * Servers have numbers from 0. A link is up when both its ends are connected, and on the same side of a partition. A server
 * that starts begins with what its disk has, and stays connected or cut as it was.
 */
export class MitCluster {
  readonly size: number;
  readonly time = new VirtualTime();
  readonly network: LabNetwork;
  readonly checker: InvariantChecker;
  /** For all that the test itself leaves to chance. */
  readonly chance: RandomStream;
  readonly streams: RandomStreams;
  readonly kit: MachineKit;
  readonly #cluster: Cluster;
  /** The side of the partition on which each server is; null: cut. */
  readonly #sides: (number | null)[];
  #failure: Error | null = null;

  constructor(setup: MitSetup) {
    const {
      servers,
      seed = Number(process.env["BATTERY_SEED"] ?? 1),
      kit = machineKit("kv"),
      raft = {},
      replica = {},
    } = setup;
    this.size = servers;
    this.kit = kit;
    this.streams = new RandomStreams(seed);
    this.chance = this.streams.stream("lab/test");
    this.checker = new InvariantChecker((check, node, message) =>
      this.fail(new Error(`${check} (${node}): ${message}`)),
    );
    const digest = new Digest();
    this.network = new LabNetwork(this.time, this.streams, {
      observer: networkObserver(digest, this.checker, null, null),
      roundTrip: (message) => wireRoundTrip(message),
    });
    const scenario: Scenario = {
      version: 1,
      seed,
      nodes: servers,
      machine: kit.name,
      raft: { electionTimeoutMs: SILENCE_MS, ...raft },
      replica: { snapshotEveryBytes: NO_SNAPSHOTS_BYTES, ...replica },
    };
    this.#cluster = new Cluster({
      scenario,
      time: this.time,
      streams: this.streams,
      digest,
      network: this.network,
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
    });
    this.#sides = Array.from({ length: servers }, () => 0);
  }

  get servers(): readonly number[] {
    return this.#sides.map((_, server) => server);
  }

  // ---- The course of time

  /** Starts all servers and runs the test to its end; throws what any activity throws, and at the first broken invariant. */
  run(test: Activity): void {
    for (const node of this.#cluster.nodes.values()) node.start();
    const running = this.spawn(test);
    while (!running.isDone) {
      if (!this.time.runNextBy(MAX_TEST_MS)) throw new Error(`the test has not ended after ${MAX_TEST_MS} ms`);
      this.#cluster.observe();
      if (this.#failure !== null) throw this.#failure;
    }
  }

  /** Lets an activity go on beside the test. */
  spawn<T>(activity: Activity<T>): Running<T> {
    return new Running(this.time, activity, (error) => this.fail(error));
  }

  /** Ends the test at the end of this step; the first reason counts. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  // ---- Servers

  id(server: number): NodeId {
    return `n${server + 1}`;
  }

  serverOf(id: NodeId): number {
    return Number(id.slice(1)) - 1;
  }

  node(server: number): ClusterNode {
    const node = this.#cluster.node(this.id(server));
    if (node === null) throw new Error(`there is no server ${server}`);
    return node;
  }

  /** Null while the server is down. */
  replica(server: number): Replica | null {
    return this.node(server).replica;
  }

  /** The state machine of a server, without what watches it; null while the server is down. */
  machine(server: number): StateMachine | null {
    return this.node(server).machine?.inner ?? null;
  }

  isDown(server: number): boolean {
    return this.node(server).state === "down";
  }

  crash(server: number): void {
    this.node(server).crash("lose");
  }

  /** Starts a server, which takes a little while. Nothing happens if it runs. */
  *start(server: number): Activity {
    this.node(server).start();
    while (this.replica(server) === null) yield 1;
  }

  *restartAll(downForMs = 0): Activity {
    for (const server of this.servers) this.crash(server);
    yield downForMs;
    for (const server of this.servers) yield* this.start(server);
  }

  // ---- Connections

  isConnected(server: number): boolean {
    return this.#sides[server] !== null;
  }

  /** Whether two servers, or those who stand beside them, reach each other. */
  areJoined(a: number, b: number): boolean {
    return this.isConnected(a) && this.#sides[a] === this.#sides[b];
  }

  connect(...servers: readonly number[]): void {
    for (const server of servers) this.#sides[server] = 0;
    this.#settleLinks();
  }

  disconnect(...servers: readonly number[]): void {
    for (const server of servers) this.#sides[server] = null;
    this.#settleLinks();
  }

  connectAll(): void {
    this.connect(...this.servers);
  }

  partition(...sides: readonly (readonly number[])[]): void {
    for (const [side, servers] of sides.entries()) for (const server of servers) this.#sides[server] = side;
    this.#settleLinks();
  }

  #settleLinks(): void {
    for (const a of this.servers) {
      for (const b of this.servers) {
        if (a !== b) this.network.setCut(this.id(a), this.id(b), !this.areJoined(a, b));
      }
    }
  }

  // ---- Leadership

  /** The leader of the newest term among connected servers. Never two in one term, and one within ten looks. */
  *checkOneLeader(): Activity<number> {
    for (let look = 0; look < LOOKS_FOR_A_LEADER; look += 1) {
      yield LOOK_EVERY_MS + this.chance.float() * LOOK_SPREAD_MS;
      const leader = this.leader();
      if (leader !== null) return leader;
    }
    throw new Error("no leader was there in ten looks");
  }

  /** The same at once; null if none leads. */
  leader(): number | null {
    const leaders = new Map<number, number>();
    for (const server of this.servers) {
      const raft = this.replica(server)?.raft;
      if (raft?.role !== "leader" || !this.isConnected(server)) continue;
      const other = leaders.get(raft.term);
      if (other !== undefined) throw new Error(`servers ${other} and ${server} both lead term ${raft.term}`);
      leaders.set(raft.term, server);
    }
    return leaders.get(Math.max(...leaders.keys())) ?? null;
  }

  checkNoLeader(): void {
    const leader = this.leader();
    if (leader !== null) throw new Error(`server ${leader} leads, and there is no quorum`);
  }

  /** The term that all connected servers are in; throws when they don't agree. */
  checkTerms(): number {
    const terms = new Set<number>();
    for (const server of this.servers) if (this.isConnected(server)) terms.add(this.replica(server)?.raft.term ?? -1);
    const [term, ...others] = terms;
    if (term === undefined || others.length > 0) throw new Error(`servers are in terms ${[...terms].join(", ")}`);
    return term;
  }

  // ---- Commands

  /** Hands a command to a server. Null unless it leads; otherwise where in the log it was put, and in which term. */
  propose(
    server: number,
    command: Uint8Array,
    done: (outcome: Outcome<unknown>) => void = () => undefined,
  ): { readonly logIndex: number; readonly term: number } | null {
    const replica = this.replica(server);
    if (replica === null) return null;
    let isRefused = false;
    this.node(server).enter(() => {
      replica.propose(command, null, (outcome) => {
        if (!outcome.ok) isRefused = true;
        done(outcome);
      });
    });
    return isRefused ? null : { logIndex: replica.raft.lastLogIndex, term: replica.raft.term };
  }

  // ---- What is kept

  /**
   * What a server must keep to go on beside its snapshot, as the lab measures it: term, vote and the entries of its log,
   * encoded as on the wire.
   */
  logBytes(server: number): number {
    const raft = this.replica(server)?.raft;
    if (raft === undefined) return 0;
    const entries = [];
    for (let index = raft.baseIndex + 1; index <= raft.lastLogIndex; index += 1) {
      const entry = raft.entryAt(index);
      if (entry !== null) entries.push(entry);
    }
    const id = this.id(server);
    const { baseIndex, baseTerm, commitIndex, term } = raft;
    return encodeMessage({
      group: 1,
      message: {
        type: "appendRequest",
        from: id,
        to: id,
        term,
        previousLogIndex: baseIndex,
        previousLogTerm: baseTerm,
        entries,
        commitIndex,
      },
    }).length;
  }

  maxLogBytes(): number {
    return Math.max(...this.servers.map((server) => this.logBytes(server)));
  }

  maxSnapshotBytes(): number {
    return Math.max(...this.servers.map((server) => this.replica(server)?.raft.snapshot?.sizeBytes ?? 0));
  }
}
