import type { NodeId } from "@balsa/core";
import type { OutcomeHandler } from "../outcome.js";
import { refusal } from "../replica/refusal.js";
import { MAX_FORWARDED_COMMANDS } from "../wire/forwardCodec.js";
import type { ForwardedCommand, ForwardedResult, ForwardRequest, ForwardResponse } from "./forwardMessage.js";

/** Commands whose answer is awaited, before more are refused. */
const MAX_WAITING = 65_536;
/** Payload of one request; a longer command goes alone. */
const MAX_REQUEST_BYTES = 1024 * 1024;

interface Waiting {
  readonly to: NodeId;
  readonly deadline: number;
  readonly done: OutcomeHandler<ForwardedResult>;
}

/** Passes commands on to the leader and hands the answers back. What was not answered is unknown. */
export class Forwarder {
  readonly #id: NodeId;
  /** In the order of asking, so that deadlines rise along it. */
  readonly #waiting = new Map<number, Waiting>();
  /** A number that hardly any other process of this member has, so that its requests are not taken for theirs. */
  readonly #firstId: number;
  #count = 0;
  #gathered: { readonly id: number; readonly to: NodeId; readonly command: ForwardedCommand }[] = [];

  constructor(id: NodeId, random: () => number) {
    this.#id = id;
    this.#firstId = Math.floor(random() * INCARNATIONS) * IDS_OF_INCARNATION;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get deadline(): number {
    for (const { deadline } of this.#waiting.values()) return deadline;
    return Infinity;
  }

  /** Takes a command; `takeRequests` gives what to send. */
  add(to: NodeId, command: ForwardedCommand, deadline: number, done: OutcomeHandler<ForwardedResult>): void {
    if (this.#waiting.size >= MAX_WAITING || this.#count === IDS_OF_INCARNATION - 1) {
      return done(refusal("OVERLOADED", to));
    }
    this.#count += 1;
    const id = this.#firstId + this.#count;
    this.#waiting.set(id, { to, deadline, done });
    this.#gathered.push({ id, to, command });
  }

  /** What was gathered since, in as few messages as the limits allow. */
  takeRequests(term: number): readonly ForwardRequest[] {
    const messages: ForwardRequest[] = [];
    let requests: ForwardRequest["requests"][number][] = [];
    let bytes = 0;
    let last: NodeId | null = null;
    for (const { id, to, command } of this.#gathered) {
      const length = "payload" in command ? command.payload.length : 0;
      const isFull = requests.length === MAX_FORWARDED_COMMANDS || bytes + length > MAX_REQUEST_BYTES;
      if (last !== to || isFull) {
        requests = [];
        bytes = 0;
        last = to;
        messages.push({ type: "forwardRequest", from: this.#id, to, term, requests });
      }
      requests.push({ id, command });
      bytes += length;
    }
    this.#gathered = [];
    return messages;
  }

  receive({ from, responses }: ForwardResponse): void {
    if (!Array.isArray(responses)) return;
    for (const { id, outcome } of responses as ForwardResponse["responses"]) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined || waiting.to !== from) continue;
      this.#waiting.delete(id);
      waiting.done(outcome);
    }
  }

  /** Whoever is not the leader any more may have passed on nothing, or everything. */
  leaderChanged(leader: NodeId | null): void {
    for (const [id, { to, done }] of this.#waiting) {
      if (to === leader) continue;
      this.#waiting.delete(id);
      done(refusal("UNKNOWN_OUTCOME", leader));
    }
  }

  expire(now: number, leader: NodeId | null): void {
    for (const [id, { deadline, done }] of this.#waiting) {
      if (deadline > now) return;
      this.#waiting.delete(id);
      done(refusal("UNKNOWN_OUTCOME", leader));
    }
  }

  abandon(): void {
    for (const [id, { done }] of this.#waiting) {
      this.#waiting.delete(id);
      done(refusal("UNKNOWN_OUTCOME", null));
    }
  }
}

const INCARNATIONS = 2 ** 20;
const IDS_OF_INCARNATION = 2 ** 32;

/** Which process of a member gave this id: two of them are told apart by it. */
export function incarnationOf(id: number): number {
  return Math.floor(id / IDS_OF_INCARNATION);
}
