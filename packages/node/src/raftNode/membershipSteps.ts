import { isJoint, isVoter, membersOf, type ConfigurationChange } from "@balsa/core";
import { refusal, RefusedError, type Outcome, type RefusalCode, type Replica } from "@balsa/replica";
import { BadAddressError, parseAddress } from "@balsa/client/connection";
import { abortedError, outcomeWithin } from "./boundedWait.js";
import type { ChangeResult, MembershipChange } from "./raftNodeApi.js";

const RETRY_AFTER_MS = 20;

/** Refusals that a little time may cure. */
const PASSING: ReadonlySet<RefusalCode> = new Set([
  "CHANGE_IN_PROGRESS",
  "TERM_NOT_STARTED",
  "NOT_CAUGHT_UP",
  "OVERLOADED",
  "TRANSFERRING_LEADERSHIP",
]);

/**
 * Carries out a change of the membership on the leader, step by step. Each step first looks whether it is done already, so
 * that a change that broke off can simply be asked for again.
 */
export class MembershipSteps {
  readonly #replica: Replica;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  #steps = 0;

  constructor(replica: Replica, deadline: number, signal: AbortSignal | undefined) {
    this.#replica = replica;
    this.#deadline = deadline;
    this.#signal = signal;
  }

  /** @throws RefusedError */
  async perform(change: MembershipChange): Promise<ChangeResult> {
    if (this.#signal?.aborted === true) throw abortedError("TIMED_OUT", this.#signal.reason);
    checkChange(change);
    this.#requireLeader();
    switch (change.type) {
      case "add":
        await this.#admit(change.id, change.address);
        if (change.learner !== true) await this.#promoteAdmitted(change, []);
        break;
      case "promote":
        await this.#promote(change.id, []);
        break;
      case "demote":
        await this.#reconfigure([{ type: "demote", id: change.id }]);
        break;
      case "remove":
        await this.#remove(change.id);
        break;
      case "replace":
        this.#requireReplaceable(change.replaced, change.id);
        await this.#admit(change.id, change.address);
        await this.#promoteAdmitted(
          change,
          this.#isMember(change.replaced) ? [{ type: "remove", id: change.replaced }] : [],
        );
        await this.#forget(change.replaced);
        break;
      default:
        throw invalid(`there is no change of the type ${String((change as { type: unknown }).type)}`);
    }
    return { index: this.#replica.raft.commitIndex, already: this.#steps === 0 };
  }

  /** Its address first: whoever leads next must be able to reach it. */
  async #admit(id: string, address: string): Promise<void> {
    if (this.#replica.addresses.get(id) !== address) await this.#setAddress(id, address);
    if (!this.#isMember(id)) await this.#reconfigure([{ type: "addLearner", id }]);
  }

  async #promote(id: string, together: readonly ConfigurationChange[]): Promise<void> {
    const isDone = isVoter(this.#replica.raft.configuration, id) && !isJoint(this.#replica.raft.configuration);
    if (isDone && together.length === 0) return;
    await this.#reconfigure(isDone ? together : [{ type: "promote", id }, ...together]);
  }

  /** It is a learner by now, whatever becomes of its vote. */
  async #promoteAdmitted(
    { id, address }: { readonly id: string; readonly address: string },
    together: readonly ConfigurationChange[],
  ): Promise<void> {
    try {
      await this.#promote(id, together);
    } catch (cause) {
      if (!(cause instanceof RefusedError && cause.code === "NOT_CAUGHT_UP")) throw cause;
      const message = `${id} was added as a learner, and has not caught up in time: see that it runs, was started with --join and is reached at ${address}. Then ask again.`;
      throw new RefusedError({ ...refusal("NOT_CAUGHT_UP", null), message }, { cause });
    }
  }

  /** Where the other is gone and the new one votes, this change was made before. */
  #requireReplaceable(replaced: string, id: string): void {
    if (this.#isMember(replaced) || isVoter(this.#replica.raft.configuration, id)) return;
    throw invalid(`${replaced} is no member`);
  }

  async #remove(id: string): Promise<void> {
    if (this.#isMember(id)) await this.#reconfigure([{ type: "remove", id }]);
    await this.#forget(id);
  }

  /** Whoever has just removed itself leads no more, and leaves that to the next one. */
  async #forget(id: string): Promise<void> {
    if (this.#replica.addresses.has(id) && this.#replica.raft.role === "leader") await this.#setAddress(id, null);
  }

  #isMember(id: string): boolean {
    return membersOf(this.#replica.raft.configuration).includes(id);
  }

  #setAddress(id: string, address: string | null): Promise<unknown> {
    return this.#retry((done) => this.#replica.setAddress(id, address, done));
  }

  #reconfigure(changes: readonly ConfigurationChange[]): Promise<unknown> {
    return this.#retry((done) => this.#replica.reconfigure(changes, done));
  }

  async #retry<T>(step: (done: (outcome: Outcome<T>) => void) => void): Promise<T> {
    this.#steps += 1;
    const patience = this.#signal === undefined ? {} : { signal: this.#signal };
    for (;;) {
      try {
        return await outcomeWithin<T>(patience, this.#deadline, (done) => {
          step(done);
          return () => done(refusal("UNKNOWN_OUTCOME", null));
        });
      } catch (error) {
        const isPassing = error instanceof RefusedError && PASSING.has(error.code);
        if (!isPassing || performance.now() + RETRY_AFTER_MS >= this.#deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
        if (this.#signal?.aborted === true) throw error;
      }
    }
  }

  #requireLeader(): void {
    const { raft, isStopped } = this.#replica;
    if (isStopped) throw new RefusedError(refusal("STOPPED", null));
    if (raft.role !== "leader") throw new RefusedError(refusal("NOT_LEADER", raft.leader));
  }
}

/** What would do harm, or could never come about. @throws RefusedError */
function checkChange(change: MembershipChange): void {
  if (change.type === "replace" && change.id === change.replaced) {
    throw invalid(`${change.id} can't take its own place`);
  }
  if (!("address" in change)) return;
  try {
    parseAddress(change.address);
  } catch (error) {
    if (!(error instanceof BadAddressError)) throw error;
    throw invalid(error.message);
  }
}

function invalid(detail: string): RefusedError {
  return new RefusedError(refusal("INVALID_CHANGE", null, detail));
}
