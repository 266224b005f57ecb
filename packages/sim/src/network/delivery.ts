import type { GroupMessage } from "@balsa/replica";
import type { Runnable } from "../schedule/task.js";
import type { Endpoint } from "./endpoint.js";
import type { Link } from "./link.js";

/** What a delivery tells the network of how it ended. */
export interface DeliveryHost {
  /** What keeps the message from arriving at the receiver's machine now; null if nothing does. */
  obstacle(link: Link, from: Endpoint): DropReason | null;
  delivered(link: Link, to: Endpoint, message: GroupMessage): void;
  dropped(link: Link, message: GroupMessage, reason: DropReason): void;
}

/**
 * Why a message did not arrive: lost by chance, the link was cut, the receiver was not running (or no longer the process
 * that the connection led to), the sender died and took the connection with it, or too much was on its way.
 */
export type DropReason = "loss" | "cut" | "receiverDown" | "senderDied" | "queueFull";

/** A message on its way. It runs twice: on arrival at the machine, then when the process there takes it in. */
export class Delivery implements Runnable {
  readonly #host: DeliveryHost;
  readonly #link: Link;
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #message: GroupMessage;
  #arrived = false;

  constructor(host: DeliveryHost, link: Link, from: Endpoint, to: Endpoint, message: GroupMessage) {
    this.#host = host;
    this.#link = link;
    this.#from = from;
    this.#to = to;
    this.#message = message;
    link.inFlight += 1;
  }

  run(): void {
    if (this.#arrived) {
      this.#link.inFlight -= 1;
      this.#host.delivered(this.#link, this.#to, this.#message);
      return;
    }
    this.#arrived = true;
    const obstacle = this.#host.obstacle(this.#link, this.#from);
    if (obstacle === null) this.#to.process.enter(this);
    else this.#end(obstacle);
  }

  /** The process died while the message waited for it. */
  abandon(): void {
    this.#end("receiverDown");
  }

  #end(reason: DropReason): void {
    this.#link.inFlight -= 1;
    this.#host.dropped(this.#link, this.#message, reason);
  }
}
