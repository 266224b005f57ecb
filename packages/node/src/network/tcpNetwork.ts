import {
  FramedServer,
  TlsContext,
  type CallerRefusal,
  type FramedConnection,
  type TlsFiles,
} from "@balsa/client/connection";
import type { NodeId } from "@balsa/core";
import {
  decodeMessage,
  encodeMessage,
  HOSTING_VERSION,
  isHostMessage,
  MAX_PROTOCOL_VERSION,
  type GroupMessage,
  type Hello,
  type Network,
} from "@balsa/replica";
import type { Logger } from "../raftNode/logger.js";
import type { NodeEvent, PeerMetrics } from "../raftNode/raftNodeApi.js";
import { PeerChannel, type Caller, type ChannelObserver } from "./peerChannel.js";
import { RateLimitedLog } from "./rateLimitedLog.js";

export interface TcpNetworkOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  /** What peers call, and are called, for. */
  readonly group: number;
  /** Whether clients may call for a group, and messages come for it. Default: only for `group`. */
  readonly servesGroup?: (group: number) => boolean;
  /** The newest version of the protocol to agree on. Default: the newest there is. */
  readonly newestVersion?: number;
  /** HOST:PORT */
  readonly listen: string;
  /** Where others are told to reach this node. Default: where it listens. */
  readonly advertise?: string;
  readonly addresses: ReadonlyMap<NodeId, string>;
  readonly tls?: TlsFiles;
  readonly insecure: boolean;
  readonly logger: Logger;
  readonly onEvent: (event: NodeEvent) => void;
  /** A program that is no member has connected. */
  readonly onClient: (connection: FramedConnection, hello: Hello) => void;
  /** For connecting and saying hello. Default 3,000. */
  readonly handshakeTimeoutMs?: number;
  /** Default 1,024. */
  readonly maxConnections?: number;
  /**
   * How long a peer that is sent to may say nothing before it is called anew. A connection whose packets get lost says
   * nothing of it for many minutes, and goes on long after they get through again. Default 5,000.
   */
  readonly silenceMs?: number;
}

const DEFAULT_SILENCE_MS = 5_000;

interface Peer {
  /** For everything but snapshots. */
  readonly log: PeerChannel;
  /** For snapshots, so that a heartbeat never waits behind one. */
  readonly bulk: PeerChannel;
  receivedBytes: number;
  receivedMessages: number;
  /** What is still being counted by connections that are open. */
  readonly incoming: Set<FramedConnection>;
  /** When something was first sent to it since it was last heard of. */
  unansweredSince: number | null;
}

/**
 * Messages between members over TCP, or TLS. Each member calls the others for what it has to say to them, and hears on the
 * connections that they make: one for each pair of members and direction, and one more for snapshots.
 */
export class TcpNetwork implements Network {
  readonly #options: TcpNetworkOptions;
  readonly #log: RateLimitedLog;
  readonly #tls: TlsContext | null;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #addresses: Map<NodeId, string>;
  /** Whose address is known from nothing but their own hello. They are forgotten when they are gone. */
  readonly #strangers = new Set<NodeId>();
  #server: FramedServer | null = null;
  #caller: Caller | null = null;
  #handler: ((message: GroupMessage) => void) | null = null;
  #closed = false;

  private constructor(options: TcpNetworkOptions) {
    this.#options = options;
    this.#addresses = new Map(options.addresses);
    this.#log = new RateLimitedLog(options.logger);
    this.#tls =
      options.tls === undefined
        ? null
        : new TlsContext(options.tls, (error) => {
            this.#log.warn(
              "tls",
              { err: error },
              `The certificates have changed and can't be used; those before stay: ${error.message}`,
            );
          });
  }

  /** @throws InsecureListenError, BadAddressError, TlsFilesError, or the system's error where the address can't be had */
  static async listen(options: TcpNetworkOptions): Promise<TcpNetwork> {
    const network = new TcpNetwork(options);
    const { listen, insecure, id, handshakeTimeoutMs, maxConnections } = options;
    network.#server = await FramedServer.listen({
      listen,
      insecure,
      nodeId: id,
      ...(options.newestVersion === undefined ? {} : { newestVersion: options.newestVersion }),
      tls: network.#tls,
      ...(handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs }),
      ...(maxConnections === undefined ? {} : { maxConnections }),
      admit: (hello) => network.#admit(hello),
      onConnection: (connection, hello) => network.#accept(connection, hello),
      onRefused: (remote, refusal) => network.#refused(remote, refusal),
    });
    network.#caller = {
      id,
      clusterId: options.clusterId,
      group: options.group,
      address: options.advertise ?? network.#server.address,
      newestVersion: options.newestVersion ?? MAX_PROTOCOL_VERSION,
      tls: network.#tls,
      connectTimeoutMs: handshakeTimeoutMs ?? 3_000,
      now: () => performance.now(),
      random: Math.random,
    };
    return network;
  }

  /** HOST:PORT that it listens on. */
  get address(): string {
    return this.#server?.address ?? this.#options.listen;
  }

  send(to: NodeId, message: GroupMessage): void {
    if (this.#closed) return;
    const peer = this.#peer(to);
    this.#renewIfSilent(to, peer);
    const channel = message.message.type === "snapshotRequest" ? peer.bulk : peer.log;
    // What an older member doesn't know it doesn't need; while there is no connection, nobody knows how old the peer is.
    if (isHostMessage(message.message) && channel.version < HOSTING_VERSION) channel.connect();
    else channel.send(encodeMessage(message, channel.version));
  }

  onMessage(handler: ((message: GroupMessage) => void) | null): void {
    this.#handler = handler;
  }

  /** Where a member is to be reached from now on; null: nowhere. */
  setAddress(id: NodeId, address: string | null): void {
    this.#strangers.delete(id);
    if (address === null) this.#addresses.delete(id);
    else this.#addresses.set(id, address);
    const peer = this.#peers.get(id);
    peer?.log.setAddress(address);
    peer?.bulk.setAddress(address);
  }

  isConnected(id: NodeId): boolean {
    return this.#peers.get(id)?.log.isConnected ?? false;
  }

  stats(): readonly PeerMetrics[] {
    return Array.from(this.#peers, ([id, peer]) => {
      let receivedBytes = peer.receivedBytes;
      for (const connection of peer.incoming) receivedBytes += connection.receivedBytes;
      return {
        id,
        connected: peer.log.isConnected,
        sentBytes: peer.log.sentBytes + peer.bulk.sentBytes,
        receivedBytes,
        sentMessages: peer.log.sentMessages + peer.bulk.sentMessages,
        receivedMessages: peer.receivedMessages,
        droppedMessages: peer.log.droppedMessages + peer.bulk.droppedMessages,
      };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#handler = null;
    for (const { log, bulk } of this.#peers.values()) {
      log.close();
      bulk.close();
    }
    await this.#server?.close();
  }

  #peer(id: NodeId): Peer {
    let peer = this.#peers.get(id);
    if (peer !== undefined) return peer;
    const address = this.#addresses.get(id) ?? null;
    const caller = this.#caller as Caller; // there from the moment that `listen` has given this network to anybody
    const log = new PeerChannel(id, address, caller, this.#observer(true));
    const bulk = new PeerChannel(id, address, caller, this.#observer(false));
    peer = { log, bulk, receivedBytes: 0, receivedMessages: 0, incoming: new Set(), unansweredSince: null };
    this.#peers.set(id, peer);
    return peer;
  }

  /** Whoever is sent to answers, by Raft's messages or ours, so that silence means that one of the ways is cut. */
  #renewIfSilent(id: NodeId, peer: Peer): void {
    const now = performance.now();
    const { silenceMs = DEFAULT_SILENCE_MS } = this.#options;
    peer.unansweredSince ??= now;
    if (now - peer.unansweredSince < silenceMs) return;
    peer.unansweredSince = now;
    const reason = `nothing was heard of ${id} for ${String(silenceMs)} ms, so it is called anew`;
    peer.log.renew(reason);
    peer.bulk.renew(reason);
  }

  /** A member has an address from the operator or the group; of all others nothing is kept. */
  #forgetStranger(id: NodeId, peer: Peer): void {
    if (peer.incoming.size > 0 || (this.#addresses.has(id) && !this.#strangers.has(id))) return;
    this.#strangers.delete(id);
    this.#addresses.delete(id);
    this.#peers.delete(id);
    peer.log.close();
    peer.bulk.close();
  }

  #observer(tells: boolean): ChannelObserver {
    const { logger, onEvent } = this.#options;
    return {
      connected: (id, address) => {
        if (!tells) return;
        logger.info({ peer: id, address }, `connected to ${id}`);
        onEvent({ type: "peerConnected", id, address });
      },
      disconnected: (id, reason) => {
        if (!tells) return;
        logger.warn({ peer: id, reason }, `the connection to ${id} has ended: ${reason}`);
        onEvent({ type: "peerDisconnected", id, reason });
      },
      failed: (id, address, error, attempt) => {
        const fields = { peer: id, address, code: "code" in error ? error.code : undefined, attempt };
        this.#log.warn(`dial ${id} ${error.message}`, fields, `cannot connect to ${id}: ${error.message}`);
      },
    };
  }

  #admit(hello: Hello): CallerRefusal | null {
    const { id, clusterId, group } = this.#options;
    if (hello.clusterId !== clusterId) {
      return {
        code: "WRONG_CLUSTER",
        message: `it belongs to the cluster ${hello.clusterId}, and this node to ${clusterId}`,
      };
    }
    if (hello.to !== "" && hello.to !== id) {
      return { code: "WRONG_NODE", message: `it looks for the member ${hello.to}, and this is ${id}` };
    }
    if (hello.role === "peer" ? hello.group !== group : !this.#serves(hello.group))
      return { code: "UNKNOWN_GROUP", message: `there is no group ${String(hello.group)} here` };
    if (hello.role === "peer" && hello.from === id) {
      return { code: "OWN_ID", message: `it calls itself ${id}, as this node does` };
    }
    if (hello.role === "peer" && hello.from === "") return { code: "NO_ID", message: "it does not say who it is" };
    return null;
  }

  #serves(group: number): boolean {
    return group === this.#options.group || (this.#options.servesGroup?.(group) ?? false);
  }

  #refused(remote: string, { code, message }: CallerRefusal): void {
    this.#log.warn(`refused ${code}`, { remote, code }, `refused a connection from ${remote}: ${message}`);
    this.#options.onEvent({ type: "connectionRefused", remote, code, reason: message });
  }

  #accept(connection: FramedConnection, hello: Hello): void {
    if (this.#closed) return connection.destroy();
    if (hello.role === "client") {
      this.#options.onClient(connection, hello);
      return;
    }
    const peer = this.#peer(hello.from);
    // It has just said where it is; what the operator or the group says goes before that.
    if (hello.address !== "" && !this.#addresses.has(hello.from)) {
      this.setAddress(hello.from, hello.address);
      this.#strangers.add(hello.from);
    }
    peer.incoming.add(connection);
    connection.onClose((reason) => {
      peer.incoming.delete(connection);
      peer.receivedBytes += connection.receivedBytes;
      if (reason !== null)
        this.#options.logger.debug({ peer: hello.from, reason: reason.message }, "an incoming connection has ended");
      this.#forgetStranger(hello.from, peer);
    });
    connection.onFrames((payloads) => {
      for (const payload of payloads) {
        if (!this.#receive(connection, peer, hello.from, payload)) return;
      }
    });
  }

  /** Returns whether the connection goes on. */
  #receive(connection: FramedConnection, peer: Peer, from: NodeId, payload: Uint8Array): boolean {
    let message: GroupMessage;
    try {
      message = decodeMessage(payload);
    } catch (error) {
      const reason = (error as Error).message;
      this.#log.warn(
        `malformed ${from}`,
        { peer: from },
        `closing the connection from ${from}, which sent no message: ${reason}`,
      );
      connection.destroy(error as Error);
      return false;
    }
    const { group, message: body } = message;
    if (body.from !== from || body.to !== this.#options.id || !this.#serves(group)) {
      const text = `dropped a message from ${from} that is meant to be from ${body.from} to ${body.to} in group ${String(group)}`;
      this.#log.warn(`misdirected ${from}`, { peer: from }, text);
      return true;
    }
    peer.receivedMessages += 1;
    peer.unansweredSince = null;
    this.#handler?.(message);
    return true;
  }
}
