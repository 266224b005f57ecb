import type { Entry, NodeId } from "@balsa/core";
import type { CheckCounts, OnViolation } from "./checks.js";
import { NumberList } from "./numberList.js";
import { SessionOracle } from "./sessionOracle.js";

/**
 * What the state machines did. The k-th command that a machine executes, and its result, must be the same on every
 * member; the hash over the first k is kept for every k. That holds whatever the log's indexes are, so it also sees a
 * command that one member executed twice.
 */
export class EffectHistory {
  readonly #counts: CheckCounts;
  readonly #onViolation: OnViolation;
  /** By how many commands were executed. */
  readonly #chains = new NumberList();
  /** The hash of the snapshot taken after so many commands. */
  readonly #snapshots = new Map<number, number>();
  readonly #sessions = new SessionOracle();

  constructor(counts: CheckCounts, onViolation: OnViolation) {
    this.#counts = counts;
    this.#onViolation = onViolation;
    this.#chains.push(0);
  }

  /** The most commands that any member's machine has executed. */
  get most(): number {
    return this.#chains.length - 1;
  }

  /** A machine has executed its `count`-th command; `chain` is the hash over all it has executed, with their results. */
  executed(node: NodeId, count: number, chain: number): void {
    this.#counts.stateMachineSafety += 1;
    if (count === this.#chains.length) {
      this.#chains.push(chain);
    } else if (count > this.#chains.length || this.#chains.at(count) !== chain) {
      this.#onViolation("stateMachineSafety", node, `command ${count} of its state machine, or its result, is another`);
    }
  }

  /** A machine took over the state after `count` commands. */
  restored(node: NodeId, count: number, chain: number): void {
    this.#counts.snapshotsAgree += 1;
    if (count >= this.#chains.length || this.#chains.at(count) !== chain) {
      this.#onViolation("snapshotsAgree", node, `restored a state after ${count} commands that nobody was in`);
    }
  }

  /** A snapshot of the state after `count` commands was read out. */
  captured(node: NodeId, count: number, hash: number): void {
    this.#counts.snapshotsAgree += 1;
    const other = this.#snapshots.get(count);
    if (other === undefined) this.#snapshots.set(count, hash);
    else if (other !== hash) {
      this.#onViolation("snapshotsAgree", node, `its snapshot after ${count} commands differs from another's`);
    }
  }

  /** The next entry was committed. */
  committed(entry: Entry): void {
    this.#sessions.committed(entry);
  }

  /** A member has applied all up to `index`, and its machine had then executed `count` commands. */
  appliedThrough(node: NodeId, index: number, count: number): void {
    this.#counts.sessionsApplyOnce += 1;
    const most = this.#sessions.mostEffectsThrough(index);
    if (count > most) {
      this.#onViolation(
        "sessionsApplyOnce",
        node,
        `executed ${count} commands up to entry ${index}, of which only ${most} are not repetitions`,
      );
    }
  }

  /** A read was answered from a state after `count` commands, of which `floor` were executed before it began. */
  read(node: NodeId, count: number, floor: number, fromLease: boolean): void {
    const check = fromLease ? "leaseSafety" : "readSafety";
    this.#counts[check] += 1;
    if (count < floor) {
      this.#onViolation(
        check,
        node,
        `answered a read from the state after ${count} commands; ${floor} were committed before it began`,
      );
    }
  }
}
