import {
  refusal,
  RefusedError,
  type Clock,
  type RefusalCode,
  type Replica,
  type ReplicaReadConsistency,
} from "@balsa/replica";
import { abortedError } from "./boundedWait.js";

const RETRY_MIN_MS = 5;
const RETRY_SPREAD_MS = 20;

/** Refusals that end with the next leader, or with a little patience. */
const PASSING: ReadonlySet<RefusalCode> = new Set(["NOT_LEADER", "NO_LEADER", "TIMED_OUT", "OVERLOADED"]);

/** Reads that are tried again until they succeed, or the caller's patience ends. */
export class PatientReads {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #count: (ok: boolean) => void;

  constructor(replica: Replica, clock: Clock, count: (ok: boolean) => void) {
    this.#replica = replica;
    this.#clock = clock;
    this.#count = count;
  }

  /** @throws RefusedError */
  read<T>(look: () => T, consistency: ReplicaReadConsistency, deadline: number, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (act: () => void): void => {
        if (over) return;
        over = true;
        timer.cancel();
        signal?.removeEventListener("abort", abort);
        act();
      };
      const fail = (error: unknown): void => {
        end(() => {
          this.#count(false);
          reject(error instanceof Error ? error : new Error("The query threw what is no error.", { cause: error }));
        });
      };
      let last: RefusalCode = "TIMED_OUT";
      const abort = (): void => fail(abortedError("TIMED_OUT", signal?.reason));
      const timer = this.#clock.setTimer(deadline, () => fail(new RefusedError(refusal(last, this.#leader()))));
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      const attempt = (): void => {
        if (over) return;
        this.#replica.whenReadable(consistency, (outcome) => {
          if (over) return;
          if (outcome.ok) {
            let value: T;
            try {
              value = look();
            } catch (error) {
              return fail(error);
            }
            return end(() => {
              this.#count(true);
              resolve(value);
            });
          }
          last = outcome.code;
          if (!PASSING.has(outcome.code)) return fail(new RefusedError(outcome));
          this.#clock.setTimer(this.#clock.now() + RETRY_MIN_MS + Math.random() * RETRY_SPREAD_MS, attempt);
        });
      };
      attempt();
    });
  }

  #leader(): string | null {
    return this.#replica.isStopped ? null : this.#replica.raft.leader;
  }
}
