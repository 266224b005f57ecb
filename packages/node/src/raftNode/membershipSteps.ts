import { isJoint, isVoter, membersOf, type ConfigurationChange } from "@balsa/core";
import { refusal, RefusedError, type Outcome, type RefusalCode, type Replica } from "@balsa/replica";
import type { MembershipChange } from "./raftNodeApi.js";

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

  constructor(replica: Replica, deadline: number, signal: AbortSignal | undefined) {
    this.#replica = replica;
    this.#deadline = deadline;
    this.#signal = signal;
  }

  /** @throws RefusedError */
  async perform(change: MembershipChange): Promise<{ readonly index: number }> {
    this.#requireLeader();
    switch (change.type) {
      case "add":
        await this.#admit(change.id, change.address);
        if (change.learner !== true) await this.#promote(change.id, []);
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
        await this.#admit(change.id, change.address);
        await this.#promote(
          change.id,
          this.#isMember(change.replaced) ? [{ type: "remove", id: change.replaced }] : [],
        );
        await this.#forget(change.replaced);
        break;
      default:
        throw new RefusedError(
          refusal(
            "INVALID_CHANGE",
            null,
            `there is no change of the type ${String((change as { type: unknown }).type)}`,
          ),
        );
    }
    return { index: this.#replica.raft.commitIndex };
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
    for (;;) {
      const outcome = await new Promise<Outcome<T>>(step);
      if (outcome.ok) return outcome.value;
      const isOver = this.#signal?.aborted === true || performance.now() + RETRY_AFTER_MS >= this.#deadline;
      if (!PASSING.has(outcome.code) || isOver) throw new RefusedError(outcome, { cause: this.#signal?.reason });
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  }

  #requireLeader(): void {
    const { raft, isStopped } = this.#replica;
    if (isStopped) throw new RefusedError(refusal("STOPPED", null));
    if (raft.role !== "leader") throw new RefusedError(refusal("NOT_LEADER", raft.leader));
  }
}
