import type { FramedConnection } from "@balsa/client/connection";
import { InvalidOptionError, type NodeId } from "@balsa/core";
import {
  HOST_GROUP,
  HostStoppedError,
  MemberRecorder,
  ReplicaHost,
  StorageFailedError,
  type Hello,
  type Replica,
  type ReplicaEvent,
  type StateMachine,
} from "@balsa/replica";
import { SystemClock } from "../clock/index.js";
import { openDataDirectory, type DataDirectory } from "../disk/index.js";
import { TcpNetwork } from "../network/index.js";
import { FileRecording } from "../recording/fileRecording.js";
import { forGroup, SILENT_LOGGER, type Logger } from "../raftNode/logger.js";
import {
  byCodeUnits,
  checkMemberOptions,
  silenceMsFor,
  type OpenedParts,
  type PartsObserver,
} from "../raftNode/openedParts.js";
import { RaftNode, type CommandOf, type ResultOf } from "../raftNode/raftNode.js";
import type { NodeEvent } from "../raftNode/raftNodeApi.js";
import type { MemberOptions } from "../raftNode/raftNodeOptions.js";
import type { TypedStateMachine } from "../raftNode/typedStateMachine.js";
import { VERSION } from "../version.js";
import type {
  BytesGroupOptions,
  GroupMemberOptions,
  GroupOptions,
  HostStatus,
  RaftHostOptions,
} from "./raftHostOptions.js";

const DEFAULT_MAX_CONNECTIONS = 8_192;
const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

interface Closable {
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/**
 * Members of many groups in this process. They share a data directory with one log, one connection to each other host, and one
 * port for clients, who name the group that they mean. Each group is used through a `RaftNode` of its own.
 */
export class RaftHost implements AsyncDisposable {
  readonly id: NodeId;
  /** Settled when the host has stopped: with null after `close`, else with what stopped it. Never rejects. */
  readonly stopped: Promise<Error | null>;
  readonly #options: RaftHostOptions;
  readonly #logger: Logger;
  readonly #clock = new SystemClock();
  readonly #openedAt = performance.now();
  /** What the open groups want to hear, by their number. */
  readonly #observers = new Map<number, PartsObserver>();
  readonly #nodes = new Set<Closable>();
  #directory!: DataDirectory; // these three are set before `open` gives the host to anybody
  #network!: TcpNetwork;
  #host!: ReplicaHost;
  #settleStopped!: (reason: Error | null) => void;
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  private constructor(options: RaftHostOptions) {
    this.id = options.id;
    this.#options = options;
    this.#logger = options.logger ?? SILENT_LOGGER;
    this.stopped = new Promise((resolve) => (this.#settleStopped = resolve));
  }

  /**
   * Opens the data directory and the port, and reads what is stored of all groups. Their members are opened one by one.
   * @throws what `RaftNode.open` throws; each error has a stable `code`
   */
  static async open(options: RaftHostOptions): Promise<RaftHost> {
    const host = new RaftHost(options);
    checkMemberOptions(host.#memberOptions({ group: HOST_GROUP + 1 }));
    await host.#open();
    return host;
  }

  /** HOST:PORT that it listens on. */
  get address(): string {
    return this.#network.address;
  }

  /**
   * Opens this host's member of a group, and gives the node to use it by. A group that has been closed can be opened again by
   * the next process only.
   * @throws InvalidOptionError, GroupWasOpenError, HostStoppedError, and errors of what is on the disk
   */
  async openGroup<Machine extends TypedStateMachine<never, unknown>>(
    options: GroupOptions<Machine>,
  ): Promise<RaftNode<CommandOf<Machine>, ResultOf<Machine>, Machine>>;
  async openGroup<Machine extends StateMachine>(
    options: BytesGroupOptions<Machine>,
  ): Promise<RaftNode<Uint8Array, Uint8Array, Machine>>;
  async openGroup(
    options: GroupOptions<TypedStateMachine<never, unknown>> | BytesGroupOptions<StateMachine>,
  ): Promise<unknown> {
    if (this.#closing !== null || this.#failure !== null) throw new HostStoppedError();
    const memberOptions = this.#memberOptions(options);
    checkMemberOptions(memberOptions);
    const machine =
      "bytesStateMachine" in options
        ? { bytesStateMachine: options.bytesStateMachine }
        : { stateMachine: options.stateMachine };
    const node = (await RaftNode.openWith({ ...memberOptions, ...machine }, (stateMachine, observer) =>
      this.#openParts(options, memberOptions, stateMachine, observer),
    )) as Closable & { readonly stopped: Promise<Error | null> };
    this.#nodes.add(node);
    void node.stopped.then(() => this.#nodes.delete(node));
    return node;
  }

  status(): HostStatus {
    const replicas = [...this.#host.members.values()].map(({ raft }) => raft);
    const count = (holds: (raft: Replica["raft"]) => boolean): number => replicas.filter(holds).length;
    return {
      id: this.id,
      clusterId: this.#options.clusterId ?? "balsa",
      version: VERSION,
      address: this.#options.advertise ?? this.#options.hosts[this.id] ?? this.address,
      groups: replicas.length,
      led: count(({ role }) => role === "leader"),
      resting: count(({ isResting }) => isResting),
      leaderless: count(({ leader }) => leader === null),
      logSizeBytes: this.#host.logSizeBytes,
      walSyncs: this.#directory.disk.statistics.histogram(),
      peers: this.#network.stats(),
      uptimeMs: performance.now() - this.#openedAt,
    };
  }

  /**
   * Hands over what it leads, stops all members, and closes everything. Waits for `timeoutMs`, 10,000 by default, at most. What
   * went wrong meanwhile `stopped` says.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const {
      id,
      dataDirectory,
      listen,
      hosts,
      clusterId = "balsa",
      tls,
      insecure = false,
      raft,
      settings,
      fileSystem,
    } = this.#options;
    this.#directory = await openDataDirectory({
      directory: dataDirectory,
      clusterId,
      id,
      ...(fileSystem === undefined ? {} : { fileSystem }),
    });
    let network: TcpNetwork | null = null;
    try {
      const advertise = this.#options.advertise ?? hosts[id];
      network = await TcpNetwork.listen({
        id,
        clusterId,
        group: HOST_GROUP,
        servesGroup: (group) => this.#observers.has(group),
        listen,
        ...(advertise === undefined ? {} : { advertise }),
        addresses: new Map(Object.entries(hosts).filter(([host]) => host !== id)),
        ...(tls === undefined ? {} : { tls }),
        insecure,
        maxConnections: this.#options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
        silenceMs: silenceMsFor(raft),
        logger: this.#logger,
        onEvent: (event) => this.#tellAll(event),
        onClient: (connection, hello) => this.#serve(connection, hello),
      });
      this.#network = network;
      this.#host = await this.#openHost({
        id,
        disk: this.#directory.disk,
        network,
        clock: this.#clock,
        random: Math.random,
        ...(raft === undefined ? {} : { raft }),
        ...(settings === undefined ? {} : { settings }),
      });
    } catch (error) {
      await network?.close();
      await this.#directory.close();
      throw error;
    }
  }

  #openHost(options: Parameters<typeof ReplicaHost.open>[0]): Promise<ReplicaHost> {
    return new Promise((resolve, reject) => {
      ReplicaHost.open(options, (error, host) => {
        if (host === null) reject(error ?? new Error("The host did not open, and did not say why."));
        else resolve(host);
      });
    });
  }

  /** A group's member as if it were a node by itself. */
  #memberOptions(group: GroupMemberOptions): MemberOptions {
    const { id, dataDirectory, listen, advertise, hosts, clusterId, tls, insecure, raft, logger } = this.#options;
    const { members = Object.keys(hosts), join, sessions, limits, requestTimeoutMs, maxBufferedEvents, record } = group;
    const unknown = members.find((member) => !Object.hasOwn(hosts, member));
    if (unknown !== undefined) throw new InvalidOptionError("members", unknown, "the name of a host");
    return {
      id,
      dataDirectory,
      listen,
      members: Object.fromEntries(members.map((member) => [member, hosts[member] as string])),
      group: group.group,
      ...(advertise === undefined ? {} : { advertise }),
      ...(join === undefined ? {} : { join }),
      ...(clusterId === undefined ? {} : { clusterId }),
      ...(tls === undefined ? {} : { tls }),
      ...(insecure === undefined ? {} : { insecure }),
      ...(raft === undefined ? {} : { raft }),
      ...(sessions === undefined ? {} : { sessions }),
      ...(limits === undefined ? {} : { limits }),
      ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
      ...(maxBufferedEvents === undefined ? {} : { maxBufferedEvents }),
      ...(record === undefined ? {} : { record }),
      ...(logger === undefined ? {} : { logger: forGroup(logger, group.group) }),
    };
  }

  async #openParts(
    { group, limits, sessions, record }: GroupMemberOptions,
    { members, join = false }: MemberOptions,
    stateMachine: StateMachine,
    observer: PartsObserver,
  ): Promise<OpenedParts> {
    const recording = record === undefined ? null : new FileRecording(record, this.#logger);
    const replica = await new Promise<Replica>((resolve, reject) => {
      const options = {
        group,
        stateMachine,
        founders: join ? null : Object.keys(members).sort(byCodeUnits),
        ...(limits === undefined ? {} : { limits }),
        ...(sessions === undefined ? {} : { sessions }),
        ...(recording !== null && { recorder: new MemberRecorder(recording, recording.partBytes) }),
        beforeMessage: () => observer.beforeMessage(),
        onEvent: (event: ReplicaEvent) => {
          observer.replicaEvent(event);
          if (event.type === "stopped" && event.reason instanceof StorageFailedError) this.#fail(event.reason);
        },
      };
      this.#host.openMember(options, (error, opened) => {
        if (opened === null) reject(error ?? new Error("The member did not open, and did not say why."));
        else resolve(opened);
      });
    });
    this.#observers.set(group, observer);
    return {
      clock: this.#clock,
      network: this.#network,
      replica,
      walSyncs: () => this.#directory.disk.statistics.histogram(),
      close: async () => {
        this.#observers.delete(group);
        await recording?.ended;
      },
    };
  }

  #serve(connection: FramedConnection, { group }: Hello): void {
    const observer = this.#observers.get(group);
    if (observer === undefined) connection.destroy();
    else observer.client(connection);
  }

  #tellAll(event: NodeEvent): void {
    for (const observer of this.#observers.values()) observer.networkEvent(event);
  }

  /** The disk that all groups share has failed, so each of them has stopped, or is about to. */
  #fail(reason: Error): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#logger.error({ err: reason }, `this host has stopped, for its disk failed: ${reason.message}`);
    // Whoever is told of the stop of a group may be in the midst of something.
    setImmediate(() => void this.close());
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#host.leave();
    // Where one can't be closed in good order, all others are, and what is shared is closed in any case.
    for (const closed of await Promise.allSettled([...this.#nodes].map((node) => node.close({ timeoutMs })))) {
      if (closed.status === "rejected") this.#failure ??= closed.reason as Error; // of the disk
    }
    await new Promise<void>((resolve) => {
      this.#host.stop((error) => {
        this.#failure ??= error;
        resolve();
      });
    });
    await this.#network.close();
    await this.#directory.close();
    this.#settleStopped(this.#failure);
  }
}
