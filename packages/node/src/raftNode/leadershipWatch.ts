import type { Clock, Replica, Timer } from "@balsa/replica";
import type { Reign } from "./raftNodeApi.js";

interface Current {
  readonly reign: Reign;
  readonly controller: AbortController;
}

/** The node can't prove any more that it leads. */
export class LeadershipLostError extends Error {
  readonly code = "LEADERSHIP_LOST";
  override readonly name = "LeadershipLostError";
}

/**
 * Tells when this node leads, provably. A reign begins once an entry of the term is committed and all before it is
 * applied; it ends when the node steps down, hands over or stops, or when the proof runs out: when no quorum has answered
 * for so long that another member could have been elected by a clock that runs faster than ours.
 *
 * A proof that ran out may come again in the same term, for nobody need have been elected. That is another reign with the
 * same fence, which is safe: its holder is the same node.
 */
export class LeadershipWatch {
  readonly #clock: Clock;
  #replica: Replica | null = null;
  #current: Current | null = null;
  #timer: Timer | null = null;
  /** Everything up to here is applied before the term's reign begins. */
  #startsAt: { readonly term: number; readonly index: number } | null = null;
  #waiters: (() => void)[] = [];
  /** Loops that wait for the next reign, or work in one. */
  #listeners = 0;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(replica: Replica): void {
    this.#replica = replica;
    this.check();
  }

  get reign(): Reign | null {
    return this.#current?.reign ?? null;
  }

  /** Looks whether a reign has to end, or begins. Cheap, and to be called whenever something may have changed. */
  check(): void {
    const replica = this.#replica;
    if (replica === null || this.#ended) return;
    // Nobody wants to know: mostly so, and each message would cost a look.
    if (this.#listeners === 0 && this.#current === null) return;
    const provenUntil = replica.isStopped ? -Infinity : replica.raft.leadershipProvenUntil;
    const isProven = provenUntil > this.#clock.now();
    const { term } = replica.raft;
    const current = this.#current;
    if (current !== null && (!isProven || current.reign.term !== term)) this.#abort();
    if (isProven && this.#current === null && this.#hasCaughtUp(replica)) this.#begin(term);
    if (this.#current !== null) this.#setTimer(provenUntil);
  }

  /** As `check`, for every message that comes: before it is dealt with, for the clock alone may have ended a reign. */
  touch(): void {
    if (this.#current !== null || this.#replica?.raft.role === "leader") this.check();
  }

  /** No reign begins any more. */
  end(): void {
    this.#ended = true;
    this.#abort();
    this.#timer?.cancel();
    this.#wake();
  }

  async *reigns(signal?: AbortSignal): AsyncGenerator<Reign, void, undefined> {
    let last: Reign | null = null;
    const wake = (): void => this.#wake();
    signal?.addEventListener("abort", wake);
    this.#listeners += 1;
    this.#keepAwake();
    try {
      while (!this.#ended && signal?.aborted !== true) {
        this.check();
        const reign = this.reign;
        if (reign !== null && reign !== last) {
          last = reign;
          yield reign;
        } else {
          await new Promise<void>((resolve) => this.#waiters.push(resolve));
        }
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#listeners -= 1;
    }
  }

  #hasCaughtUp(replica: Replica): boolean {
    const { term, commitIndex } = replica.raft;
    if (this.#startsAt?.term !== term) this.#startsAt = { term, index: commitIndex };
    return replica.lastApplied >= this.#startsAt.index;
  }

  #begin(term: number): void {
    const controller = new AbortController();
    this.#current = { controller, reign: Object.freeze({ term, signal: controller.signal }) };
    this.#wake();
  }

  #abort(): void {
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    this.#timer?.cancel();
    this.#timer = null;
    const { term } = current.reign;
    current.controller.abort(
      new LeadershipLostError(`Leadership of term ${String(term)} is lost, or can't be proven any more.`),
    );
  }

  #setTimer(provenUntil: number): void {
    if (this.#timer !== null || provenUntil === Infinity) return;
    // Mostly the proof has moved on by then, and the timer is set anew.
    this.#timer = this.#clock.setTimer(provenUntil, () => {
      this.#timer = null;
      this.#keepAwake();
      this.check();
    });
  }

  /** Only heartbeats prove leadership, so a group in which somebody wants to know does not rest. */
  #keepAwake(): void {
    if (this.#listeners > 0 && this.#replica?.raft.role === "leader") this.#replica.rouse();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}
