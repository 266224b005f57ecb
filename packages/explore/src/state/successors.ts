import { invariant } from "@balsa/core";
import type { BudgetName } from "../bounds.js";
import type { Violation } from "../rules/rule.js";
import { INPUT, type ActionName } from "./action.js";
import { useOne, used } from "./stateLayout.js";
import type { Transition } from "./transitions.js";
import type { World } from "./world.js";

/** Is told what can come next. `next` is used again for the one after. */
export interface Visitor {
  successor(next: Int32Array, action: ActionName, subject: number, detail: number): void;
  violated(violation: Violation, action: ActionName, subject: number, detail: number): void;
}

const NO_MESSAGE = -1;

/** Finds every step that a state allows within the bounds. */
export class Successors {
  /** Steps that were not taken, for more messages would have been on their way than the bound allows. */
  cutSteps = 0;
  readonly #world: World;
  readonly #next: Int32Array;
  readonly #maxTerm: number;
  readonly #receivers: number[] = [];
  readonly #messageTerms: number[] = [];
  readonly #memberTerms: number[] = [];
  #states: Int32Array = new Int32Array(0);
  #at = 0;
  #visitor: Visitor;

  constructor(world: World, visitor: Visitor, maxTerm: number) {
    this.#world = world;
    this.#visitor = visitor;
    this.#maxTerm = maxTerm;
    this.#next = new Int32Array(world.layout.width);
  }

  /** Tells the visitor of every step from the state that stands at `at`. */
  expand(states: Int32Array, at: number): void {
    this.#states = states;
    this.#at = at;
    const { layout } = this.#world;
    const count = states[at + layout.messageCount] as number;
    let last = NO_MESSAGE;
    for (let i = 0; i < count; i += 1) {
      const message = states[at + layout.messages + i] as number;
      if (message !== last) this.#expandMessage(message);
      last = message;
    }
    for (let node = 0; node < layout.nodes; node += 1) this.#expandNode(node);
  }

  #expandMessage(message: number): void {
    const budgets = this.#budgets();
    const node = this.#receiverOf(message);
    const isLate = this.#termOf(message) < this.#memberTerm(this.#states[this.#at + node] as number);
    const input = INPUT.message + message;
    const spent = isLate ? this.#spend(budgets, "late") : budgets;
    if (spent !== null) {
      this.#step("deliver", message, 0, node, input, spent, message);
      const twice = this.#spend(spent, "duplicates");
      if (twice !== null) this.#step("duplicate", message, 0, node, input, twice, NO_MESSAGE);
    }
    const dropped = this.#spend(budgets, "drops");
    if (dropped === null) return;
    this.#begin(dropped);
    this.#leave(message, []);
    this.#visitor.successor(this.#next, "drop", message, 0);
  }

  #expandNode(node: number): void {
    const { members, bounds, transitions } = this.#world;
    const budgets = this.#budgets();
    const { raft, writes } = members.get(this.#states[this.#at + node] as number);
    const leads = raft.role === "leader";
    invariant(writes.length < INPUT.change - INPUT.crash, "a crash that keeps so many writes has a number of its own");
    const spend = (name: BudgetName, action: ActionName, input: number, detail = 0): void => {
      const spent = this.#spend(budgets, name);
      if (spent !== null) this.#step(action, node, detail, node, input, spent, NO_MESSAGE);
    };
    if (writes.length > 0) this.#step("sync", node, 0, node, INPUT.sync, budgets, NO_MESSAGE);
    if (leads) {
      const command = used(budgets, "commands");
      spend("commands", "propose", INPUT.propose + command, command);
      spend("heartbeats", "heartbeat", INPUT.heartbeat);
      if (bounds.checkQuorum && this.#losesQuorum(node))
        this.#step("lapse", node, 0, node, INPUT.lapse, budgets, NO_MESSAGE);
      transitions.changes.forEach((_, change) => spend("changes", "change", INPUT.change + change, change));
    } else {
      this.#step("timeOut", node, 0, node, INPUT.timeOut, budgets, NO_MESSAGE);
      if (raft.timers.stickyUntil > 0) this.#step("lapse", node, 0, node, INPUT.lapse, budgets, NO_MESSAGE);
    }
    if (raft.appliedIndex > (raft.snapshot?.index ?? 0)) spend("compactions", "compact", INPUT.compact);
    for (let kept = 0; kept <= writes.length; kept += 1) spend("crashes", "crash", INPUT.crash + kept, kept);
  }

  /** A sole voter never does: its clock would only count rounds of heartbeats. */
  #losesQuorum(node: number): boolean {
    const { members, transitions } = this.#world;
    const { member } = transitions.get(transitions.find(this.#states[this.#at + node] as number, INPUT.lapse));
    return member < 0 || members.get(member).raft.role !== "leader";
  }

  /** One member takes an input; the message that brought it, if any, has arrived. */
  #step(
    action: ActionName,
    subject: number,
    detail: number,
    node: number,
    input: number,
    budgets: number,
    arrived: number,
  ): void {
    const { transitions } = this.#world;
    const before = this.#states[this.#at + node] as number;
    const number = transitions.find(before, input);
    const transition = transitions.get(number);
    if (transition.violation !== null) {
      this.#visitor.violated(transition.violation, action, subject, detail);
      return;
    }
    if (transition.member < 0) return;
    const nothingHappened = transition.member === before && transition.sent.length === 0;
    if (nothingHappened && arrived === NO_MESSAGE) return;
    if (this.#memberTerm(transition.member) > this.#maxTerm) return;
    this.#begin(budgets);
    this.#next[node] = transition.member;
    if (!this.#leave(arrived, transition.sent)) {
      this.cutSteps += 1;
      return;
    }
    const violation = this.#checkRules(node, before, number, transition);
    if (violation === null) this.#visitor.successor(this.#next, action, subject, detail);
    else this.#visitor.violated(violation, action, subject, detail);
  }

  #checkRules(node: number, before: number, number: number, transition: Transition): Violation | null {
    const { layout } = this.#world;
    if (transition.historic) {
      const earlier = this.#next[layout.history] as number;
      const history = this.#world.continueHistory(earlier, before, number, transition);
      if (typeof history !== "number") return history;
      this.#next[layout.history] = history;
    }
    return this.#world.findStateViolation(this.#next, node, before, transition);
  }

  #begin(budgets: number): void {
    const { layout } = this.#world;
    for (let i = 0; i < layout.messageCount; i += 1) this.#next[i] = this.#states[this.#at + i] as number;
    this.#next[layout.budgets] = budgets;
  }

  /**
   * Puts on their way what was on its way, without one copy of what has arrived, and what is sent. What comes too late to
   * be delivered any more is taken off. False when that is more than the bound.
   */
  #leave(arrived: number, sent: readonly number[]): boolean {
    const { layout, bounds } = this.#world;
    const keepLate = used(this.#next[layout.budgets] as number, "late") < bounds.late;
    const before = this.#states[this.#at + layout.messageCount] as number;
    let isGone = arrived === NO_MESSAGE;
    let count = 0;
    for (let i = 0; i < before + sent.length; i += 1) {
      const isOld = i < before;
      const message = (isOld ? this.#states[this.#at + layout.messages + i] : sent[i - before]) as number;
      if (isOld && !isGone && message === arrived) {
        isGone = true;
        continue;
      }
      const receiver = this.#next[this.#receiverOf(message)] as number;
      if (!keepLate && this.#termOf(message) < this.#memberTerm(receiver)) continue;
      if (count === bounds.inFlight) return false;
      let place = layout.messages + count;
      while (place > layout.messages && (this.#next[place - 1] as number) > message) {
        this.#next[place] = this.#next[place - 1] as number;
        place -= 1;
      }
      this.#next[place] = message;
      count += 1;
    }
    this.#next[layout.messageCount] = count;
    this.#next.fill(0, layout.messages + count);
    return true;
  }

  #budgets(): number {
    return this.#states[this.#at + this.#world.layout.budgets] as number;
  }

  /** The budgets with one more of this used, or null when there is none left. */
  #spend(budgets: number, name: BudgetName): number | null {
    return used(budgets, name) < this.#world.bounds[name] ? useOne(budgets, name) : null;
  }

  #receiverOf(message: number): number {
    const { messages, names } = this.#world;
    for (let next = this.#receivers.length; next <= message; next += 1) {
      this.#receivers.push(names.indexOf(messages.get(next).to));
    }
    return this.#receivers[message] as number;
  }

  #termOf(message: number): number {
    const { messages } = this.#world;
    for (let next = this.#messageTerms.length; next <= message; next += 1) {
      this.#messageTerms.push(messages.get(next).term);
    }
    return this.#messageTerms[message] as number;
  }

  #memberTerm(member: number): number {
    const { members } = this.#world;
    for (let next = this.#memberTerms.length; next <= member; next += 1) {
      this.#memberTerms.push(members.get(next).raft.term);
    }
    return this.#memberTerms[member] as number;
  }
}
