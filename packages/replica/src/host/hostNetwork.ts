import type { NodeId } from "@balsa/core";
import type { Clock } from "../clock.js";
import type { GroupMessage, Network } from "../network.js";
import { HOST_GROUP, isHostMessage, type Beacon, type GroupHeartbeat } from "./hostMessage.js";

/** Heartbeats in one batch; more go in several. */
const MAX_BATCH = 4_096;

export interface HostNetworkObserver {
  /** Something has come from another host. */
  heardFrom(host: NodeId): void;
  beacon(beacon: Beacon): void;
}

type Handler = (message: GroupMessage) => void;

/**
 * The network of all groups of a process. What heartbeats they send to one host within a turn goes as one message, for most of
 * the messages of many quiet groups are heartbeats.
 */
export class HostNetwork {
  readonly #id: NodeId;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #observer: HostNetworkObserver;
  readonly #handlers = new Map<number, Handler>();
  readonly #gathering = new Map<NodeId, GroupHeartbeat[]>();
  #flushIsDue = false;
  #stopped = false;

  constructor(id: NodeId, network: Network, clock: Clock, observer: HostNetworkObserver) {
    this.#id = id;
    this.#network = network;
    this.#clock = clock;
    this.#observer = observer;
    network.onMessage((message) => this.#receive(message));
  }

  /** The network as the member of one group sees it; `before` is called before each message is handed over. */
  forGroup(group: number, before: () => void): Network {
    return {
      send: (to, message) => this.#send(to, message),
      onMessage: (handler) => {
        if (handler === null) this.#handlers.delete(group);
        else {
          this.#handlers.set(group, (message) => {
            before();
            handler(message);
          });
        }
      },
    };
  }

  sendBeacon(to: NodeId, incarnation: number, leaving: boolean): void {
    const beacon: Beacon = { type: "beacon", from: this.#id, to, term: 0, incarnation, leaving };
    this.#network.send(to, { group: HOST_GROUP, message: beacon });
  }

  stop(): void {
    this.#flush();
    this.#stopped = true;
    this.#network.onMessage(null);
  }

  #send(to: NodeId, groupMessage: GroupMessage): void {
    const { group, message } = groupMessage;
    if (message.type !== "heartbeatRequest" && message.type !== "heartbeatResponse") {
      this.#network.send(to, groupMessage);
      return;
    }
    let gathered = this.#gathering.get(to);
    if (gathered === undefined) {
      gathered = [];
      this.#gathering.set(to, gathered);
    }
    gathered.push({ group, message });
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    this.#clock.soon(() => this.#flush());
  }

  #flush(): void {
    this.#flushIsDue = false;
    if (this.#stopped) return;
    for (const [to, heartbeats] of this.#gathering) {
      for (let from = 0; from < heartbeats.length; from += MAX_BATCH) {
        this.#sendBatch(to, heartbeats.slice(from, from + MAX_BATCH));
      }
    }
    this.#gathering.clear();
  }

  #sendBatch(to: NodeId, heartbeats: readonly GroupHeartbeat[]): void {
    const [only] = heartbeats;
    if (only !== undefined && heartbeats.length === 1) return this.#network.send(to, only);
    const message = { type: "heartbeatBatch", from: this.#id, to, term: 0, heartbeats } as const;
    this.#network.send(to, { group: HOST_GROUP, message });
  }

  #receive(groupMessage: GroupMessage): void {
    const { group, message } = groupMessage;
    this.#observer.heardFrom(message.from);
    if (!isHostMessage(message)) this.#handlers.get(group)?.(groupMessage);
    else if (message.type === "beacon") this.#observer.beacon(message);
    else for (const heartbeat of message.heartbeats) this.#handlers.get(heartbeat.group)?.(heartbeat);
  }
}
