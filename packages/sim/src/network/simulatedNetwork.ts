import type { NodeId } from "@balsa/core";
import type { GroupMessage, Network } from "@balsa/replica";
import type { RandomStreams } from "../random/randomStreams.js";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import { Delivery, type DeliveryHost, type DropReason } from "./delivery.js";
import { Endpoint } from "./endpoint.js";
import { Link, type Passage } from "./link.js";
import { checkLinkSettings, DEFAULT_LINK_SETTINGS, type LinkSettings } from "./linkSettings.js";
import { messageBytes } from "./messageBytes.js";
import type { Port } from "./port.js";

/** Told of each message, copies included. */
export interface NetworkObserver {
  onSent?(from: NodeId, to: NodeId, message: GroupMessage): void;
  /** Called just before the receiver's handler is. */
  onDelivered?(from: NodeId, to: NodeId, message: GroupMessage): void;
  onDropped?(from: NodeId, to: NodeId, message: GroupMessage, reason: DropReason): void;
}

/** `sent + duplicated` is what was delivered, was dropped, or is on its way. */
export interface NetworkCounters {
  sent: number;
  delivered: number;
  dropped: number;
  duplicated: number;
}

export interface SimulatedNetworkOptions {
  /** Encodes a message and decodes it again, as a real wire does; default: none. */
  readonly roundTrip?: RoundTrip;
  /** Whether each message of a link takes that way, for something may get lost on it; default: of none. */
  readonly alwaysRoundTrip?: (from: NodeId, to: NodeId) => boolean;
  /** Which messages take that way: every so many-th; default 16, 0 for none. */
  readonly roundTripEvery?: number;
  /** Whether messages on their way over a link that gets cut still arrive; default false. */
  readonly inFlightSurvivesCut?: boolean;
  /** How likely what a process has sent still arrives after its death; default 0.5, drawn once for each process. */
  readonly inFlightOutlivesSenderProbability?: number;
  readonly observer?: NetworkObserver;
}

type RoundTrip = (message: GroupMessage, from: NodeId, to: NodeId) => GroupMessage;

const DEFAULT_ROUND_TRIP_EVERY = 16;

/**
 * The network between all nodes: one `Link` for each ordered pair, and an endpoint for each process. A message is delivered
 * to the process that ran when it was sent, through its gate, or not at all.
 */
export class SimulatedNetwork {
  readonly counters: NetworkCounters = { sent: 0, delivered: 0, dropped: 0, duplicated: 0 };
  readonly #time: VirtualTime;
  readonly #streams: RandomStreams;
  readonly #observer: NetworkObserver;
  readonly #roundTrip: RoundTrip | null;
  readonly #alwaysRoundTrip: (from: NodeId, to: NodeId) => boolean;
  readonly #roundTripEvery: number;
  readonly #inFlightSurvivesCut: boolean;
  readonly #outlivesSenderProbability: number;
  readonly #ports = new Map<NodeId, Port>();
  readonly #host: DeliveryHost = {
    obstacle: (link, from) => this.#obstacle(link, from),
    delivered: (link, to, message) => this.#delivered(link, to, message),
    dropped: (link, message, reason) => this.#drop(link, message, reason),
  };
  #defaults: LinkSettings = DEFAULT_LINK_SETTINGS;

  constructor(time: VirtualTime, streams: RandomStreams, options: SimulatedNetworkOptions = {}) {
    this.#time = time;
    this.#streams = streams;
    this.#observer = options.observer ?? {};
    this.#roundTrip = options.roundTrip ?? null;
    this.#alwaysRoundTrip = options.alwaysRoundTrip ?? (() => false);
    this.#roundTripEvery = options.roundTripEvery ?? DEFAULT_ROUND_TRIP_EVERY;
    this.#inFlightSurvivesCut = options.inFlightSurvivesCut ?? false;
    this.#outlivesSenderProbability = options.inFlightOutlivesSenderProbability ?? 0.5;
  }

  /**
   * The network as one process sees it, in the place of the node's earlier process.
   * @throws Error if that one is still alive
   */
  attach(process: NodeProcess): Network {
    const port = this.#port(process.id);
    if (port.endpoint?.process.alive === true) {
      throw new Error(`a process of node ${process.id} is already attached: kill it first`);
    }
    const outlived = this.#streams.stream(`network/${process.id}/outlived`).chance(this.#outlivesSenderProbability);
    port.endpoint = new Endpoint(process, outlived, port, this.#sendFrom);
    return port.endpoint;
  }

  /** A node is gone for good, and nothing about its links need be kept. */
  forget(node: NodeId): void {
    this.#ports.delete(node);
    for (const { links } of this.#ports.values()) links.delete(node);
  }

  /** Changes what holds for all links, apart from what `setLink` says of one. */
  setDefaults(settings: Partial<LinkSettings>): void {
    checkLinkSettings(settings);
    this.#defaults = { ...this.#defaults, ...settings };
    for (const { links } of this.#ports.values()) for (const link of links.values()) this.#settle(link);
  }

  /** Makes one link differ from the defaults in these settings and no others; null: in none. */
  setLink(from: NodeId, to: NodeId, settings: Partial<LinkSettings> | null): void {
    if (settings !== null) checkLinkSettings(settings);
    else if (!this.#has(from, to)) return;
    const link = this.#link(this.#port(from), from, to);
    link.override = settings;
    this.#settle(link);
  }

  /** Cuts this direction, or joins it again. */
  setCut(from: NodeId, to: NodeId, cut: boolean): void {
    if (cut || this.#has(from, to)) this.#link(this.#port(from), from, to).cut = cut;
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#ports.get(from)?.links.get(to)?.cut ?? false;
  }

  /** Cuts every link from `groupA` to `groupB` and, unless `oneWay`, those back. Links that are cut already stay so. */
  partition(groupA: readonly NodeId[], groupB: readonly NodeId[], oneWay = false): void {
    for (const a of groupA) {
      for (const b of groupB) {
        if (a === b) continue;
        this.setCut(a, b, true);
        if (!oneWay) this.setCut(b, a, true);
      }
    }
  }

  /** Cuts every link among `others`, so that each of them reaches the bridge node alone. */
  bridge(bridge: NodeId, others: readonly NodeId[]): void {
    const ends = others.filter((other) => other !== bridge);
    this.partition(ends, ends, true);
  }

  /** Joins all links that were cut. */
  healAll(): void {
    for (const { links } of this.#ports.values()) for (const link of links.values()) link.cut = false;
  }

  #port(node: NodeId): Port {
    let port = this.#ports.get(node);
    if (port === undefined) {
      port = { endpoint: null, links: new Map() };
      this.#ports.set(node, port);
    }
    return port;
  }

  #has(from: NodeId, to: NodeId): boolean {
    return this.#ports.get(from)?.links.has(to) ?? false;
  }

  #link(port: Port, from: NodeId, to: NodeId): Link {
    let link = port.links.get(to);
    if (link === undefined) {
      link = new Link(from, to, this.#port(to), this.#streams, this.#defaults);
      port.links.set(to, link);
    }
    return link;
  }

  #settle(link: Link): void {
    link.adopt(link.override === null ? this.#defaults : { ...this.#defaults, ...link.override });
  }

  readonly #sendFrom = (from: Endpoint, to: NodeId, message: GroupMessage): void => {
    this.#send(from, to, message);
  };

  #send(from: Endpoint, to: NodeId, message: GroupMessage): void {
    const link = this.#link(from.port, from.process.id, to);
    this.counters.sent += 1;
    this.#observer.onSent?.(link.from, to, message);
    const sizeBytes = link.settings.bandwidthBytesPerMs === Infinity ? 0 : messageBytes(message);
    const passage = link.pass(this.#time.now, sizeBytes);
    const receiver = link.port.endpoint;
    if (receiver === null || !receiver.process.alive) {
      this.#drop(link, message, "receiverDown");
      return;
    }
    const obstacle = obstacleAtSend(link, passage);
    if (obstacle !== null) {
      this.#drop(link, message, obstacle);
      return;
    }

    const isTurn = this.#roundTripEvery > 0 && this.counters.sent % this.#roundTripEvery === 0;
    const isDue = isTurn || this.#alwaysRoundTrip(link.from, to);
    const carried = isDue && this.#roundTrip !== null ? this.#roundTrip(message, link.from, to) : message;
    this.#launch(link, from, receiver, carried, passage.arrivesAtMs);
    if (passage.duplicateAtMs !== null) {
      this.counters.duplicated += 1;
      this.#launch(link, from, receiver, carried, passage.duplicateAtMs);
    }
  }

  #launch(link: Link, from: Endpoint, to: Endpoint, message: GroupMessage, atMs: number): void {
    this.#time.schedule(atMs, new Delivery(this.#host, link, from, to, message));
  }

  #obstacle(link: Link, from: Endpoint): DropReason | null {
    if (link.cut && !this.#inFlightSurvivesCut) return "cut";
    return from.process.alive || from.outlived ? null : "senderDied";
  }

  #delivered(link: Link, to: Endpoint, message: GroupMessage): void {
    this.counters.delivered += 1;
    this.#observer.onDelivered?.(link.from, link.to, message);
    to.handler?.(message);
  }

  #drop(link: Link, message: GroupMessage, reason: DropReason): void {
    this.counters.dropped += 1;
    this.#observer.onDropped?.(link.from, link.to, message, reason);
  }
}

function obstacleAtSend(link: Link, passage: Passage): DropReason | null {
  if (link.cut) return "cut";
  if (passage.lost) return "loss";
  return link.inFlight >= link.settings.queueLimit ? "queueFull" : null;
}
