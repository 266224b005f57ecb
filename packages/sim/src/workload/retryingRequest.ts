import type { NodeId } from "@balsa/core";
import type { Outcome, OutcomeHandler, RefusalCode, Replica } from "@balsa/replica";
import type { RandomStream } from "../random/randomStream.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientCluster, ClientNode } from "./clientCluster.js";
import type { ClientChannel } from "./clientChannel.js";

const BACKOFF_MIN_MS = 10;
const BACKOFF_SPREAD_MS = 40;

/** Whoever says this leads, as far as it knows, and is asked again. */
const STAY_CODES: ReadonlySet<RefusalCode> = new Set(["OUT_OF_ORDER", "OVERLOADED"]);
/** But not for ever: without check-quorum a leader that is cut off never learns that it leads nobody. */
const MAX_STAYS = 16;

/** What a client needs to send anything. */
export interface ClientConnection {
  readonly world: WorldContext;
  readonly cluster: ClientCluster;
  readonly requests: ClientChannel;
  readonly responses: ClientChannel;
  readonly backoff: RandomStream;
  /** Draws whether a member that does not lead is to pass a request on, instead of refusing it. */
  readonly forwarding: RandomStream;
  readonly requestTimeoutMs: number;
  /** The member to turn to. */
  target: NodeId;
}

/** How one request is made, and what is done with its end. */
export interface RequestPlan<T> {
  /** Runs in the member's process. */
  perform(replica: Replica, node: ClientNode, done: OutcomeHandler<T>): void;
  answered(value: T, node: NodeId): void;
  /** Whether this refusal ends the request; then it is over, and otherwise it is made again. */
  isFinal(code: RefusalCode): boolean;
  refused(code: RefusalCode): void;
}

/**
 * Makes a request of one member after the other until one of them answers. What it asks for must bear repetition: a copy
 * may be under way already, or still come through later.
 */
export class RetryingRequest<T> {
  readonly #connection: ClientConnection;
  readonly #plan: RequestPlan<T>;
  #attempts = 0;
  /** How often in a row it was refused, and asked the same member again. */
  #stays = 0;
  #timer: ScheduledEvent | null = null;
  #over = false;

  constructor(connection: ClientConnection, plan: RequestPlan<T>) {
    this.#connection = connection;
    this.#plan = plan;
  }

  get attempts(): number {
    return this.#attempts;
  }

  send(): void {
    if (this.#over) return;
    const { world, cluster, requests, requestTimeoutMs, target } = this.#connection;
    this.#attempts += 1;
    const attempt = this.#attempts;
    const node = cluster.node(target);
    this.#timer = world.time.after(requestTimeoutMs, () => {
      turnTo(this.#connection, null);
      this.send();
    });
    requests.carry(() => {
      this.#arrive(attempt, target, node);
    });
  }

  /** No answer is wanted any more. */
  abandon(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #arrive(attempt: number, target: NodeId, node: ClientNode | null): void {
    const respond = (outcome: Outcome<T>): void => {
      this.#connection.responses.carry(() => {
        this.#answered(attempt, target, outcome);
      });
    };
    if (node === null || node.state !== "running") {
      respond({ ok: false, code: "STOPPED", leaderHint: null, message: "Nobody listens there." });
      return;
    }
    node.enter(() => {
      const { replica } = node;
      if (replica !== null) this.#plan.perform(replica, node, respond);
    });
  }

  #answered(attempt: number, target: NodeId, outcome: Outcome<T>): void {
    if (this.#over) return;
    const { watch } = this.#connection.world;
    if (outcome.ok) {
      if (attempt !== this.#attempts) watch?.reach("answerOfEarlierAttempt");
      this.abandon();
      this.#plan.answered(outcome.value, target);
      return;
    }
    watch?.refused(outcome.code);
    if (this.#plan.isFinal(outcome.code)) {
      this.abandon();
      this.#plan.refused(outcome.code);
      return;
    }
    // An older attempt's refusal says nothing of the one under way.
    if (attempt !== this.#attempts) return;
    this.#timer?.cancel();
    this.#stays += 1;
    const isLeader = STAY_CODES.has(outcome.code) && this.#stays <= MAX_STAYS;
    if (!isLeader) this.#stays = 0;
    // One that names itself, and could not do it, may be cut off, too.
    const hint = outcome.leaderHint === target ? null : outcome.leaderHint;
    turnTo(this.#connection, isLeader ? target : hint);
    const { world, backoff } = this.#connection;
    this.#timer = world.time.after(BACKOFF_MIN_MS + backoff.float() * BACKOFF_SPREAD_MS, () => {
      this.send();
    });
  }
}

/** To whom they say leads, or else to the next member. */
export function turnTo(connection: ClientConnection, hint: NodeId | null): void {
  if (hint !== null) {
    connection.target = hint;
    return;
  }
  const voters = connection.cluster.voters();
  const next = voters[(voters.indexOf(connection.target) + 1) % voters.length];
  if (next !== undefined) connection.target = next;
}
