import { capturedOf, durationOf, integerOf, MalformedError, nameOf, type Json, type JsonObject } from "./json.js";
import { MAX_ANSWER_BYTES, type Moment, type Part } from "./part.js";

const MAX_MESSAGES = 1_000_000;
const MAX_AT_ONCE = 1_000;
const MAX_DELIVERIES = 1_000;

interface Message {
  readonly body: Json;
  /** How long the command was that sent it. */
  readonly bytes: number;
  /** How often it was handed out. */
  readonly deliveries: number;
  /**
   * That of the latest delivery, 0 where there was none or it was given back: whoever comes with another is late. It holds
   * beyond the lease's end, until the message is handed out again.
   */
  readonly receipt: number;
}

interface Lease extends Message {
  readonly untilMs: number;
}

/** Messages, each handed out to one consumer at a time, again and again until one of them says that it is done. */
export class QueuePart implements Part {
  readonly #ready = new Map<string, Message>();
  readonly #leased = new Map<string, Lease>();
  /** Handed out as often as allowed, and never done. */
  readonly #dead = new Map<string, Message>();
  /** Until when the id of a message that is done is refused; the first was done first. */
  readonly #done = new Map<string, number>();
  /** No lease ends before. */
  #nextEndMs = Infinity;

  get isForgettable(): boolean {
    return this.#ready.size + this.#leased.size + this.#dead.size + this.#done.size === 0;
  }

  apply(command: JsonObject, moment: Moment): Json {
    switch (command["do"]) {
      case "send":
        return this.#send(command, moment);
      case "receive":
        return this.#receive(command, moment);
      case "complete":
        return this.#complete(command, moment);
      case "giveBack":
        return this.#giveBack(command, moment);
      case "extend":
        return this.#extend(command, moment);
      case "settleDead":
        return this.#settleDead(command);
      default:
        throw new MalformedError("a queue can do send, receive, complete, giveBack, extend and settleDead");
    }
  }

  query(question: JsonObject): Json {
    if (question["ask"] === "dead") {
      const limit = integerOf(question["limit"], "limit", 1, MAX_AT_ONCE);
      return this.#firstDead(limit);
    }
    return { ready: this.#ready.size, leased: this.#leased.size, dead: this.#dead.size };
  }

  capture(): Iterable<Json> {
    return [
      ...[...this.#ready].map(([id, message]): Json => ({ in: "ready", id, ...message })),
      ...[...this.#leased].map(([id, lease]): Json => ({ in: "leased", id, ...lease })),
      ...[...this.#dead].map(([id, message]): Json => ({ in: "dead", id, ...message })),
      ...[...this.#done].map(([id, untilMs]): Json => ({ in: "done", id, untilMs })),
    ];
  }

  restore(record: Json): void {
    const { in: place, id, ...rest } = capturedOf<Lease & { readonly in: string; readonly id: string }>(record);
    if (place === "ready") this.#ready.set(id, rest);
    else if (place === "dead") this.#dead.set(id, rest);
    else if (place === "done") this.#done.set(id, rest.untilMs);
    else {
      this.#leased.set(id, rest);
      this.#nextEndMs = Math.min(this.#nextEndMs, rest.untilMs);
    }
  }

  #send(command: JsonObject, { nowMs, bytes }: Moment): Json {
    const id = nameOf(command["id"], "id");
    const { body } = command;
    if (body === undefined) throw new MalformedError("there is no body");
    this.#forget(nowMs);
    if (this.#ready.has(id) || this.#leased.has(id) || this.#dead.has(id) || this.#done.has(id)) return { sent: false };
    if (this.#ready.size + this.#leased.size + this.#dead.size >= MAX_MESSAGES) return { refused: "QUEUE_FULL" };
    this.#ready.set(id, { body, bytes, deliveries: 0, receipt: 0 });
    return { sent: true };
  }

  #receive(command: JsonObject, { nowMs, newFence }: Moment): Json {
    const limit = integerOf(command["limit"], "limit", 1, MAX_AT_ONCE);
    const leaseMs = durationOf(command["leaseMs"], "leaseMs");
    const mostDeliveries = integerOf(command["mostDeliveries"], "mostDeliveries", 1, MAX_DELIVERIES);
    this.#takeBack(nowMs);
    const messages: Json[] = [];
    let answerBytes = 0;
    for (const [id, message] of this.#ready) {
      const { body, bytes, deliveries } = message;
      answerBytes += bytes;
      if (messages.length === limit || (messages.length > 0 && answerBytes > MAX_ANSWER_BYTES)) break;
      this.#ready.delete(id);
      if (deliveries >= mostDeliveries) {
        this.#dead.set(id, message);
        continue;
      }
      const lease: Lease = { body, bytes, deliveries: deliveries + 1, receipt: newFence(), untilMs: nowMs + leaseMs };
      this.#lease(id, lease);
      messages.push({ id, body, deliveries: lease.deliveries, receipt: lease.receipt });
    }
    return { messages };
  }

  /** Done with it; `remembered` for so long, should it be sent again. */
  #complete(command: JsonObject, { nowMs }: Moment): Json {
    const id = nameOf(command["id"], "id");
    const rememberMs = durationOf(command["rememberMs"], "rememberMs", 0);
    if (this.#deliveredTo(id, command) === null) return { completed: false };
    this.#leased.delete(id);
    this.#ready.delete(id);
    if (rememberMs > 0) this.#done.set(id, nowMs + rememberMs);
    return { completed: true };
  }

  /** Somebody else may have it now. */
  #giveBack(command: JsonObject, { nowMs }: Moment): Json {
    const id = nameOf(command["id"], "id");
    const message = this.#deliveredTo(id, command);
    const delayMs = durationOf(command["delayMs"], "delayMs", 0);
    if (message === null) return { givenBack: false };
    const { body, bytes, deliveries } = message;
    const given: Message = { body, bytes, deliveries, receipt: 0 };
    this.#leased.delete(id);
    this.#ready.delete(id);
    // A lease that nobody holds keeps it back for so long.
    if (delayMs > 0) this.#lease(id, { ...given, untilMs: nowMs + delayMs });
    else this.#ready.set(id, given);
    return { givenBack: true };
  }

  #extend(command: JsonObject, { nowMs }: Moment): Json {
    const id = nameOf(command["id"], "id");
    const leaseMs = durationOf(command["leaseMs"], "leaseMs");
    const message = this.#deliveredTo(id, command);
    if (message === null) return { extended: false };
    this.#ready.delete(id);
    this.#lease(id, { ...message, untilMs: nowMs + leaseMs });
    return { extended: true };
  }

  /** The dead message may be handed out again, or is gone for good. */
  #settleDead(command: JsonObject): Json {
    const id = nameOf(command["id"], "id");
    const message = this.#dead.get(id);
    this.#dead.delete(id);
    if (message !== undefined && command["again"] === true) this.#ready.set(id, { ...message, deliveries: 0 });
    return { settled: message !== undefined };
  }

  #firstDead(limit: number): Json {
    const found: Json[] = [];
    let answerBytes = 0;
    for (const [id, { body, bytes, deliveries }] of this.#dead) {
      answerBytes += bytes;
      if (found.length === limit || (found.length > 0 && answerBytes > MAX_ANSWER_BYTES)) break;
      found.push({ id, body, deliveries });
    }
    return found;
  }

  #lease(id: string, lease: Lease): void {
    this.#leased.set(id, lease);
    this.#nextEndMs = Math.min(this.#nextEndMs, lease.untilMs);
  }

  /** The message, if this was its latest delivery. */
  #deliveredTo(id: string, command: JsonObject): Message | null {
    const receipt = integerOf(command["receipt"], "receipt", 1, Number.MAX_SAFE_INTEGER);
    const message = this.#leased.get(id) ?? this.#ready.get(id);
    return message?.receipt === receipt ? message : null;
  }

  #takeBack(nowMs: number): void {
    if (nowMs < this.#nextEndMs) return;
    this.#nextEndMs = Infinity;
    for (const [id, { untilMs, ...message }] of this.#leased) {
      if (untilMs > nowMs) {
        this.#nextEndMs = Math.min(this.#nextEndMs, untilMs);
        continue;
      }
      this.#leased.delete(id);
      this.#ready.set(id, message);
    }
  }

  #forget(nowMs: number): void {
    for (const [id, untilMs] of this.#done) {
      if (untilMs > nowMs) return;
      this.#done.delete(id);
    }
  }
}
