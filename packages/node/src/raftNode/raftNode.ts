import { channel } from "node:diagnostics_channel";
import { InvalidOptionError, type NodeId } from "@balsa/core";
import type { FramedConnection } from "@balsa/client/connection";
import {
  MAX_PROTOCOL_VERSION,
  refusal,
  RefusedError,
  SessionPipeline,
  type Applied,
  type ReplicaEvent,
  type StateMachine,
} from "@balsa/replica";
import { administer } from "../clientService/administer.js";
import type { ClientHost } from "../clientService/clientConnection.js";
import { ClientService } from "../clientService/clientService.js";
import { VERSION } from "../version.js";
import { outcomeWithin } from "./boundedWait.js";
import { EventStream } from "./eventStream.js";
import { heirOf } from "./heir.js";
import { LeadershipWatch } from "./leadershipWatch.js";
import { SILENT_LOGGER, type Logger } from "./logger.js";
import { adaptBytesMachine, adaptTypedMachine, type MachineAdapter } from "./machineAdapter.js";
import { MembershipSteps } from "./membershipSteps.js";
import { diagnoseNode, type NodeDiagnosis } from "./nodeDiagnosis.js";
import { NodeCounters } from "./nodeCounters.js";
import { checkMemberOptions, openParts, type OpenedParts, type PartsObserver } from "./openedParts.js";
import { PatientReads } from "./patientReads.js";
import type {
  ChangeResult,
  MembershipChange,
  NodeEvent,
  NodeMetrics,
  NodeStatus,
  ProposeOptions,
  RaftNodeApi,
  ReadOptions,
  Reign,
  TransferResult,
  WaitOptions,
} from "./raftNodeApi.js";
import type { BytesNodeOptions, MemberOptions, RaftNodeOptions } from "./raftNodeOptions.js";
import { RoleLog } from "./roleLog.js";
import { tellReplicaEvent } from "./tellReplicaEvent.js";
import { transferTarget } from "./transferTarget.js";
import type { TypedStateMachine } from "./typedStateMachine.js";

const DEFAULT_REQUEST_TIMEOUT_MS = 5_000;
const DEFAULT_BUFFERED_EVENTS = 1_024;
const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

/** What a program that observes this process subscribes to. */
const EVENTS = channel("balsa:node:event");

/** What a state machine takes. */
export type CommandOf<Machine> = Machine extends TypedStateMachine<infer Command, unknown> ? Command : never;
/** What a state machine answers. */
export type ResultOf<Machine> = Machine extends { apply(command: never): infer Result } ? Result : never;

/** One durable member of a cluster, in this process. */
export class RaftNode<Command, Result, Machine> implements RaftNodeApi<Command, Result, Machine> {
  readonly id: NodeId;
  readonly stopped: Promise<Error | null>;
  readonly #options: MemberOptions;
  readonly #adapter: MachineAdapter<Command, Result, Machine>;
  readonly #logger: Logger;
  readonly #roleLog: RoleLog;
  readonly #counters = new NodeCounters();
  readonly #events: EventStream<NodeEvent>;
  readonly #openedAt = performance.now();
  readonly #clients: ClientService;
  #parts!: OpenedParts; // set before `open` gives the node to anybody
  #leadership!: LeadershipWatch;
  #pipeline!: SessionPipeline;
  #reads!: PatientReads;
  #settleStopped!: (reason: Error | null) => void;
  #closing: Promise<void> | null = null;
  #diagnosing: Promise<NodeDiagnosis> | null = null;

  private constructor(options: MemberOptions, adapter: MachineAdapter<Command, Result, Machine>) {
    this.id = options.id;
    this.#options = options;
    this.#adapter = adapter;
    this.#logger = options.logger ?? SILENT_LOGGER;
    this.#roleLog = new RoleLog(this.#logger, () => performance.now());
    this.#events = new EventStream(options.maxBufferedEvents ?? DEFAULT_BUFFERED_EVENTS, (count) => ({
      type: "eventsDropped",
      count,
    }));
    this.#clients = new ClientService(this.#clientHost, this.#logger);
    this.stopped = new Promise((resolve) => (this.#settleStopped = resolve));
  }

  /**
   * Opens a member: its data directory, its port, and what it had stored. It resolves when the node runs, which is before
   * it knows a leader (see `ready`).
   * @throws InvalidOptionError, BadAddressError, InsecureListenError, TlsFilesError, DataDirectoryError,
   * DirectoryLockedError, IdentityMismatchError, IdentityDamagedError, DamagedLogError, UnknownFormatError and other
   * errors of what is on the disk; each has a stable `code`
   */
  static async open<Machine extends TypedStateMachine<never, unknown>>(
    options: RaftNodeOptions<Machine>,
  ): Promise<RaftNode<CommandOf<Machine>, ResultOf<Machine>, Machine>>;
  static async open<Machine extends StateMachine>(
    options: BytesNodeOptions<Machine>,
  ): Promise<RaftNode<Uint8Array, Uint8Array, Machine>>;
  static async open(
    options: RaftNodeOptions<TypedStateMachine<never, unknown>> | BytesNodeOptions<StateMachine>,
  ): Promise<unknown> {
    checkMemberOptions(options);
    return RaftNode.openWith(options, (stateMachine, observer) => openParts(options, stateMachine, observer));
  }

  /**
   * As `open`, with parts that come from elsewhere.
   * @internal
   */
  static async openWith(
    options: RaftNodeOptions<TypedStateMachine<never, unknown>> | BytesNodeOptions<StateMachine>,
    opener: (stateMachine: StateMachine, observer: PartsObserver) => Promise<OpenedParts>,
  ): Promise<unknown> {
    if ("bytesStateMachine" in options) {
      const node = new RaftNode(options, adaptBytesMachine(options.bytesStateMachine));
      await node.#open(opener);
      return node;
    }
    const node = new RaftNode(options, adaptTypedMachine(options.stateMachine));
    await node.#open(opener);
    return node;
  }

  get address(): string {
    return this.#parts.network.address;
  }

  async propose(command: Command, options: ProposeOptions = {}): Promise<Result> {
    return (await this.proposeApplied(command, options)).value;
  }

  async proposeApplied(
    command: Command,
    options: ProposeOptions = {},
  ): Promise<{ readonly value: Result } & Omit<Applied, "result">> {
    const bytes = this.#adapter.encodeCommand(command);
    const deadline = this.#deadline(options);
    const isDirect = options.forward === false;
    const asked = outcomeWithin<Applied>(options, isDirect ? deadline : Infinity, (done) => {
      if (isDirect) {
        this.#parts.replica.propose(bytes, null, done);
        return () => done(refusal("UNKNOWN_OUTCOME", null));
      }
      const submitted = this.#pipeline.submit(bytes, deadline, done);
      return () => this.#pipeline.cancel(submitted);
    });
    asked.then(
      () => this.#proposeDone(true),
      () => this.#proposeDone(false),
    );
    const { result, ...applied } = await asked;
    return { ...applied, value: this.#adapter.decodeResult(result) };
  }

  async read<T>(query: (machine: Machine) => T, options: ReadOptions = {}): Promise<T> {
    const { consistency = "linearizable", signal } = options;
    return this.#reads.read(() => query(this.#adapter.machine), consistency, this.#deadline(options), signal);
  }

  leadership(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<Reign> {
    return this.#leadership.reigns(options.signal);
  }

  async ready(options: WaitOptions = {}): Promise<{ readonly leader: NodeId; readonly term: number }> {
    const deadline = this.#deadline(options);
    for (;;) {
      await this.#reads.read(() => undefined, "linearizable", deadline, options.signal);
      const { leader, term } = this.#parts.replica.raft;
      if (leader !== null) return { leader, term };
    }
  }

  async reconfigure(change: MembershipChange, options: WaitOptions = {}): Promise<ChangeResult> {
    const steps = new MembershipSteps(this.#parts.replica, this.#deadline(options), options.signal);
    return steps.perform(change);
  }

  async transferLeadership(to?: NodeId, options: WaitOptions = {}): Promise<TransferResult> {
    const target = transferTarget(this.#parts.replica, to);
    if (target === this.id) return { leader: this.id, already: true };
    await outcomeWithin<null>(options, this.#deadline(options), (done) => {
      this.#parts.replica.transferLeadership(target, done);
      return () => done(refusal("UNKNOWN_OUTCOME", null));
    });
    return { leader: target, already: false };
  }

  status(): NodeStatus {
    const { replica, network } = this.#parts;
    const { clusterId = "balsa", advertise, members } = this.#options;
    const address = advertise ?? members[this.id] ?? network.address;
    return {
      ...replica.status(),
      clusterId,
      version: VERSION,
      protocolVersion: this.#options.protocolVersion ?? MAX_PROTOCOL_VERSION,
      address,
      addresses: { ...Object.fromEntries(replica.addresses), ...members, [this.id]: address },
      diskFull: this.#counters.diskFull,
      uptimeMs: performance.now() - this.#openedAt,
    };
  }

  metrics(): NodeMetrics {
    const { replica, network } = this.#parts;
    const status = replica.status();
    const { leaderChanges, proposalsCommitted, proposalsFailed, readsServed, readsFailed } = this.#counters;
    const { snapshotsTaken, snapshotsInstalled, diskFull } = this.#counters;
    return {
      isLeader: status.role === "leader",
      hasLeader: status.leader !== null,
      leaderChanges,
      term: status.term,
      commitIndex: status.commitIndex,
      appliedIndex: status.lastApplied,
      lastLogIndex: status.lastLogIndex,
      snapshotIndex: status.snapshotIndex,
      logSizeBytes: status.logSizeBytes,
      proposalsCommitted,
      proposalsFailed,
      proposalsPending: status.waitingProposals,
      readsServed,
      readsFailed,
      readsPending: status.waitingReads,
      sessions: status.sessions,
      snapshotsTaken,
      snapshotsInstalled,
      diskFull,
      walSyncs: this.#parts.walSyncs(),
      peers: network.stats(),
      clientConnections: this.#clients.size,
    };
  }

  diagnose(): Promise<NodeDiagnosis> {
    // However many ask, it is measured once at a time.
    this.#diagnosing ??= this.#diagnose().finally(() => (this.#diagnosing = null));
    return this.#diagnosing;
  }

  events(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<NodeEvent> {
    return this.#events.listen(options.signal);
  }

  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(opener: (stateMachine: StateMachine, observer: PartsObserver) => Promise<OpenedParts>): Promise<void> {
    const early: ReplicaEvent[] = [];
    const waiting: FramedConnection[] = [];
    const parts = await opener(this.#adapter.bytesMachine, {
      logger: this.#logger,
      replicaEvent: (event) => (this.#parts === undefined ? early.push(event) : this.#observe(event)),
      networkEvent: (event) => this.#publish(event),
      beforeMessage: () => this.#leadership?.touch(),
      client: (connection) => (this.#parts === undefined ? waiting.push(connection) : this.#clients.serve(connection)),
    });
    this.#leadership = new LeadershipWatch(parts.clock);
    this.#reads = new PatientReads(parts.replica, parts.clock, (ok) => this.#readDone(ok));
    this.#pipeline = new SessionPipeline({
      clock: parts.clock,
      random: Math.random,
      transport: {
        register: (done) => parts.replica.registerSession(done, { forward: true }),
        send: (command, session, done) => parts.replica.propose(command, session, done, { forward: true }),
        closeSession: (sessionId, done) => parts.replica.closeSession(sessionId, done, { forward: true }),
        turnTo: () => undefined,
      },
    });
    this.#parts = parts;
    for (const event of early) this.#observe(event);
    for (const connection of waiting) this.#clients.serve(connection);
    this.#leadership.watch(parts.replica);
  }

  #observe(event: ReplicaEvent): void {
    this.#roleLog.tell(event);
    tellReplicaEvent(this.#logger, this.id, event);
    this.#counters.note(event);
    if (event.type === "addressChanged" && !Object.hasOwn(this.#options.members, event.id) && event.id !== this.id) {
      this.#parts.network.setAddress(event.id, event.address);
    }
    if (event.type === "roleChanged" && event.role === "leader") this.#seedAddresses();
    this.#leadership.check();
    this.#publish(event);
    if (event.type === "stopped") void this.#stopped(event.reason);
  }

  #publish(event: NodeEvent): void {
    if (event.type === "leaderElected" || event.type === "peerConnected") this.#clients.leaderChanged();
    this.#events.publish(event);
    if (EVENTS.hasSubscribers) EVENTS.publish({ id: this.id, group: this.#options.group ?? 1, event });
  }

  /** Whoever leads tells the group the addresses that it was started with, so that members that join later learn them. */
  #seedAddresses(): void {
    const { replica } = this.#parts;
    for (const [id, address] of Object.entries(this.#options.members)) {
      if (replica.addresses.has(id)) continue;
      replica.setAddress(id, address, (outcome) => {
        if (!outcome.ok)
          this.#logger.debug({ member: id, code: outcome.code }, "an address was not put into the address book");
      });
    }
  }

  readonly #clientHost: ClientHost = ((node: RaftNode<Command, Result, Machine>): ClientHost => ({
    get replica() {
      return node.#parts.replica;
    },
    get clock() {
      return node.#parts.clock;
    },
    isLeaderThere: () => node.#isLeaderThere,
    addressOf: (id) => node.status().addresses[id] ?? null,
    administer: (json) => administer(node, json),
    readDone: (ok) => node.#readDone(ok),
    proposeDone: (ok) => node.#proposeDone(ok),
  }))(this);

  get #isLeaderThere(): boolean {
    const { replica, network } = this.#parts;
    if (replica.isStopped) return true; // so that nobody waits for one
    const { leader } = replica.raft;
    return leader !== null && (leader === this.id || network.isConnected(leader));
  }

  #diagnose(): Promise<NodeDiagnosis> {
    return diagnoseNode(this.status(), this.#options, this.#parts.walSyncs());
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const { replica } = this.#parts;
    this.#leadership.end();
    if (replica.raft.role === "leader" && heirOf(this.#parts.replica.status()) !== null && !replica.isStopped) {
      try {
        await this.transferLeadership(undefined, { signal: AbortSignal.timeout(Math.max(1, timeoutMs / 2)) });
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        this.#logger.warn({ code: error.code }, `leadership could not be handed over before closing: ${error.message}`);
      }
    }
    const rest = new Promise((resolve) => setTimeout(resolve, Math.max(1, (deadline - performance.now()) / 2)).unref());
    await Promise.race([rest, new Promise<void>((resolve) => this.#pipeline.close(resolve))]);
    await new Promise<void>((resolve, reject) => {
      replica.stop((error) => (error === null ? resolve() : reject(error)));
    });
    await this.stopped;
  }

  /** The replica has stopped, by itself when there is a reason. What is around it goes, too. */
  async #stopped(reason: Error | null): Promise<void> {
    if (reason !== null) {
      this.#logger.error({ err: reason }, `this member has stopped and does nothing any more: ${reason.message}`);
    }
    const { replica } = this.#parts;
    this.#leadership.end();
    this.#events.end();
    // Commands that were refused wait to be sent again, and nobody is there any more who could take them.
    this.#pipeline.close(() => undefined);
    // What was answered last leaves before the connections go.
    this.#clients.end();
    await new Promise<void>((resolve) => replica.stop(() => resolve()));
    await this.#parts.close();
    this.#settleStopped(reason);
  }

  /** @throws InvalidOptionError */
  #deadline({ timeoutMs }: WaitOptions): number {
    const waitMs: unknown = timeoutMs ?? this.#options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    if (typeof waitMs === "number" && waitMs >= 0) return performance.now() + waitMs;
    throw new InvalidOptionError("timeoutMs", waitMs, "a number of milliseconds, 0 or more");
  }

  #proposeDone(ok: boolean): void {
    if (ok) this.#counters.proposalsCommitted += 1;
    else this.#counters.proposalsFailed += 1;
  }

  #readDone(ok: boolean): void {
    if (ok) this.#counters.readsServed += 1;
    else this.#counters.readsFailed += 1;
  }
}
