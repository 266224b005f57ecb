import type { ClientRequest, Clock, Timer } from "@balsa/replica";

/** Less than the half second after which a client that hears nothing sends again. */
const HOLD_MS = 400;
/** Beyond that they are performed, and so refused, at once. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

export interface HeldRequestsOptions {
  readonly clock: Clock;
  isLeaderThere(): boolean;
  /** What becomes of a request when there is a leader, or none comes in time. */
  perform(request: ClientRequest): void;
}

/**
 * Requests of one client that only a leader can answer, and that came while there was none: an election is soon over, and
 * whoever is refused meanwhile could do nothing but ask again. They keep their order.
 */
export class HeldRequests {
  readonly #options: HeldRequestsOptions;
  #held: ClientRequest[] = [];
  #bytes = 0;
  #timer: Timer | null = null;

  constructor(options: HeldRequestsOptions) {
    this.#options = options;
  }

  /** Whether it was taken; if not, it is to be performed now. */
  take(request: ClientRequest): boolean {
    const isInOrder = this.#held.length === 0 && this.#options.isLeaderThere();
    if (!needsLeader(request) || isInOrder || this.#bytes > MAX_HELD_BYTES) return false;
    this.#held.push(request);
    this.#bytes += bytesOf(request);
    const { clock } = this.#options;
    this.#timer ??= clock.setTimer(clock.now() + HOLD_MS, this.#release);
    return true;
  }

  /** To be called when there may be a leader. */
  releaseIfDue(): void {
    if (this.#held.length > 0 && this.#options.isLeaderThere()) this.#release();
  }

  readonly #release = (): void => {
    const held = this.#held;
    this.end();
    for (const request of held) this.#options.perform(request);
  };

  /** Nobody waits for them any more. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#held = [];
    this.#bytes = 0;
  }
}

function bytesOf(request: ClientRequest): number {
  if (request.type === "propose") return request.command.length;
  return request.type === "read" ? request.question.length : 0;
}

function needsLeader(request: ClientRequest): boolean {
  switch (request.type) {
    case "propose":
    case "register":
    case "closeSession":
      return true;
    case "read":
    case "snapshot":
      return request.consistency !== "stale";
    case "admin":
    case "snapshotChunk":
      return false;
  }
}
