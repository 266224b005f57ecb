import { completeOptions, InvalidOptionError, type NodeId, type RaftOptions } from "@balsa/core";
import { formatAddress, parseAddress, type FramedConnection } from "@balsa/client/connection";
import {
  MAX_PROTOCOL_VERSION,
  MemberRecorder,
  MIN_PROTOCOL_VERSION,
  Replica,
  type Clock,
  type Network,
  type ReplicaEvent,
  type StateMachine,
} from "@balsa/replica";
import { SystemClock } from "../clock/index.js";
import { openDataDirectory, type DataDirectory } from "../disk/index.js";
import { TcpNetwork } from "../network/index.js";
import { FileRecording } from "../recording/fileRecording.js";
import type { Logger } from "./logger.js";
import type { Histogram, NodeEvent } from "./raftNodeApi.js";
import type { MemberOptions } from "./raftNodeOptions.js";

/** What a node needs of the network that its replica uses. */
export type NodeNetwork = Pick<TcpNetwork, "address" | "isConnected" | "setAddress" | "stats">;

/** What a node is made of. */
export interface OpenedParts {
  readonly clock: Clock;
  readonly network: NodeNetwork;
  readonly replica: Replica;
  /** Syncs of the log. */
  walSyncs(): Histogram;
  /** Closes what is around the replica, which has stopped. */
  close(): Promise<void>;
}

export interface PartsObserver {
  readonly logger: Logger;
  replicaEvent(event: ReplicaEvent): void;
  networkEvent(event: NodeEvent): void;
  /** Before a message is taken in. */
  beforeMessage(): void;
  client(connection: FramedConnection): void;
}

/** A peer that is connected and says nothing for so long is called anew. */
const MIN_SILENCE_MS = 5_000;
const SILENT_ELECTION_TIMEOUTS = 4;

/** @throws InvalidOptionError, BadAddressError */
export function checkMemberOptions(options: MemberOptions): void {
  const { id, dataDirectory, members, join, clusterId, requestTimeoutMs, maxBufferedEvents } = options;
  requireText("id", id, 64);
  requireText("dataDirectory", dataDirectory, 4_096);
  requireText("clusterId", clusterId ?? "balsa", 64);
  for (const [name, n] of Object.entries({ requestTimeoutMs, maxBufferedEvents })) {
    if (n !== undefined && !(Number.isFinite(n) && n >= 1))
      throw new InvalidOptionError(name, n, "a number of at least 1");
  }
  if (typeof members !== "object" || members === null) {
    throw new InvalidOptionError("members", members, "an object of addresses by the members' ids");
  }
  for (const address of [options.listen, ...Object.values(members)]) formatAddress(parseAddress(address));
  if (options.advertise !== undefined) parseAddress(options.advertise);
  if (join !== true && !Object.hasOwn(members, id)) {
    throw new InvalidOptionError(
      "members",
      Object.keys(members),
      `ids with ${id}, this member, among them, unless it joins`,
    );
  }
  const { protocolVersion = MAX_PROTOCOL_VERSION } = options;
  const isSpoken = protocolVersion >= MIN_PROTOCOL_VERSION && protocolVersion <= MAX_PROTOCOL_VERSION;
  if (!Number.isSafeInteger(protocolVersion) || !isSpoken) {
    const range = `${String(MIN_PROTOCOL_VERSION)} to ${String(MAX_PROTOCOL_VERSION)}`;
    throw new InvalidOptionError("protocolVersion", protocolVersion, `a version from ${range}`);
  }
  completeOptions(options.raft);
}

/** How long a peer may say nothing. @throws InvalidOptionError */
export function silenceMsFor(raft?: Partial<RaftOptions>): number {
  return Math.max(MIN_SILENCE_MS, SILENT_ELECTION_TIMEOUTS * completeOptions(raft).electionTimeoutMs);
}

function requireText(name: string, value: unknown, maxLength: number): void {
  if (typeof value === "string" && value !== "" && value.length <= maxLength) return;
  throw new InvalidOptionError(name, value, `a text of 1 to ${String(maxLength)} characters`);
}

/** Opens the data directory, the port and the replica. What was opened before something fails is closed again. */
export async function openParts(
  options: MemberOptions,
  stateMachine: StateMachine,
  observer: PartsObserver,
): Promise<OpenedParts> {
  const { id, clusterId = "balsa", group = 1, members, join = false } = options;
  const clock = new SystemClock();
  const recording = options.record === undefined ? null : new FileRecording(options.record, observer.logger);
  const directory = await openDataDirectory({ directory: options.dataDirectory, clusterId, id });
  let network: TcpNetwork | null = null;
  try {
    const advertise = options.advertise ?? members[id];
    network = await TcpNetwork.listen({
      id,
      clusterId,
      group,
      listen: options.listen,
      ...(options.protocolVersion === undefined ? {} : { newestVersion: options.protocolVersion }),
      ...(advertise === undefined ? {} : { advertise }),
      addresses: new Map(Object.entries(members).filter(([member]) => member !== id)),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      insecure: options.insecure ?? false,
      silenceMs: silenceMsFor(options.raft),
      logger: observer.logger,
      onEvent: (event) => observer.networkEvent(event),
      onClient: (connection) => observer.client(connection),
    });
    const founders = join ? null : Object.keys(members).sort(byCodeUnits);
    const listening = network;
    const around = { clock, directory, network, recording, observer };
    const replica = await openReplica(options, stateMachine, founders, around);
    return {
      clock,
      network,
      replica,
      walSyncs: () => directory.disk.statistics.histogram(),
      close: async () => {
        await listening.close();
        await directory.close();
        await recording?.ended;
      },
    };
  } catch (error) {
    await network?.close();
    await directory.close();
    throw error;
  }
}

function openReplica(
  options: MemberOptions,
  stateMachine: StateMachine,
  founders: readonly NodeId[] | null,
  around: {
    readonly clock: SystemClock;
    readonly directory: DataDirectory;
    readonly network: TcpNetwork;
    readonly recording: FileRecording | null;
    readonly observer: PartsObserver;
  },
): Promise<Replica> {
  const { clock, directory, network, recording, observer } = around;
  return new Promise((resolve, reject) => {
    Replica.open(
      {
        id: options.id,
        group: options.group ?? 1,
        disk: directory.disk,
        network: guarded(network, observer),
        clock,
        random: Math.random,
        stateMachine,
        founders,
        ...(options.raft === undefined ? {} : { raft: options.raft }),
        ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
        ...(options.limits === undefined ? {} : { limits: options.limits }),
        ...(recording !== null && { recorder: new MemberRecorder(recording, recording.partBytes) }),
        onEvent: (event) => observer.replicaEvent(event),
      },
      (error, replica) => {
        if (replica === null) reject(error ?? new Error("The replica did not open, and did not say why."));
        else resolve(replica);
      },
    );
  });
}

/** After the process stood still, what its leader believes is looked at before any message is. */
function guarded(network: Network, observer: PartsObserver): Network {
  return {
    send: (to, message) => network.send(to, message),
    onMessage: (handler) => {
      network.onMessage(
        handler === null
          ? null
          : (message) => {
              observer.beforeMessage();
              handler(message);
            },
      );
    },
  };
}

export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
