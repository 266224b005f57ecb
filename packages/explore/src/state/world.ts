import { invariant, type Log, type Message } from "@balsa/core";
import { nodeNames, type Bounds } from "../bounds.js";
import { holdsDurably } from "../member/diskWrite.js";
import type { Member } from "../member/member.js";
import { MemberRun } from "../member/memberStep.js";
import { continueHistory, EMPTY_HISTORY, type History } from "../rules/history.js";
import { findMismatch } from "../rules/logMatching.js";
import { isQuorum } from "../rules/quorums.js";
import type { RuleName, Violation } from "../rules/rule.js";
import { InternTable } from "./internTable.js";
import { PairTable } from "./pairTable.js";
import { permutationsOf, type Permutation } from "./permutations.js";
import { stateLayout, type StateLayout } from "./stateLayout.js";
import { Tokenizer } from "./tokens.js";
import { Transitions, type Transition } from "./transitions.js";

/** Everything that states are made of, each part once, and the rules that look at more than one member. */
export class World {
  readonly bounds: Bounds;
  readonly names: readonly string[];
  readonly layout: StateLayout;
  readonly permutations: readonly Permutation[];
  readonly members: InternTable<Member>;
  readonly messages: InternTable<Message>;
  readonly histories: InternTable<History>;
  readonly transitions: Transitions;
  readonly #logs: InternTable<Log>;
  readonly #logOfMember: number[] = [];
  readonly #comparedLogs = new PairTable();
  readonly #continuedHistories = new PairTable();
  readonly #rules: ReadonlySet<RuleName>;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.names = nodeNames(bounds);
    this.layout = stateLayout(bounds);
    this.permutations = permutationsOf(bounds.nodes, bounds.spares, bounds.symmetry);
    const tokenizer = new Tokenizer(this.names);
    this.members = new InternTable(tokenizer, this.permutations);
    this.messages = new InternTable(tokenizer, this.permutations);
    this.histories = new InternTable(tokenizer, this.permutations);
    this.#logs = new InternTable(tokenizer, []);
    this.transitions = new Transitions(bounds, this.names, this.members, this.messages);
    this.#rules = new Set(bounds.rules);
  }

  /** The world in which nothing has happened but that the founders know each other, durably. */
  foundedState(): Int32Array {
    const state = new Int32Array(this.layout.width);
    const settings = { options: this.transitions.options, disk: "instant" as const };
    const founders = this.names.slice(0, this.bounds.nodes);
    this.names.forEach((name, node) => {
      const { member } = MemberRun.create(settings, name, node < founders.length ? founders : null);
      invariant(member !== null, "a member starts from nothing");
      state[node] = this.members.intern(member);
    });
    state[this.layout.history] = this.histories.intern(EMPTY_HISTORY);
    return state;
  }

  /** The history after a transition of `member`, or what contradicts it. */
  continueHistory(history: number, member: number, number: number, transition: Transition): number | Violation {
    const known = this.#continuedHistories.get(history, number);
    if (known >= 0) return known;
    const step = continueHistory(
      this.histories.get(history),
      this.members.get(member),
      this.members.get(transition.member),
      this.#rules,
    );
    if ("violation" in step) return step.violation;
    const next = this.histories.intern(step.history);
    this.#continuedHistories.set(history, number, next);
    return next;
  }

  /** What is wrong among members after a transition of the one at `node`, whose state is in `next` already. */
  findStateViolation(next: Int32Array, node: number, before: number, transition: Transition): Violation | null {
    if (transition.logChanged && this.#rules.has("logMatching")) {
      const mismatch = this.#findMismatch(next, node);
      if (mismatch !== null) return mismatch;
    }
    return transition.committedByLeader > 0 && this.#rules.has("commitOnQuorum")
      ? this.#findMissingQuorum(next, node, before)
      : null;
  }

  #findMismatch(next: Int32Array, node: number): Violation | null {
    const own = this.#logOf(next[node] as number);
    for (let other = 0; other < this.layout.nodes; other += 1) {
      if (other === node) continue;
      const theirs = this.#logOf(next[other] as number);
      let index = this.#comparedLogs.get(own, theirs);
      if (index < 0) {
        index = findMismatch(this.#logs.get(own), this.#logs.get(theirs)) ?? 0;
        this.#comparedLogs.set(own, theirs, index);
      }
      if (index === 0) continue;
      const message = `its entry ${index} is not ${this.names[other]}'s, though their logs agree further on`;
      return { rule: "logMatching", node: this.names[node] as string, message };
    }
    return null;
  }

  #logOf(member: number): number {
    const known = this.#logOfMember[member];
    if (known !== undefined) return known;
    const log = this.#logs.intern(this.members.get(member).raft.log);
    this.#logOfMember[member] = log;
    return log;
  }

  /** A configuration appended in this very step may not have held yet when the decision was made. */
  #findMissingQuorum(next: Int32Array, node: number, before: number): Violation | null {
    const { id, commitIndex, log, configurations } = this.members.get(next[node] as number).raft;
    const term = log.entries[commitIndex - log.baseIndex - 1]?.term ?? log.baseTerm;
    const holds = (other: string): boolean => {
      const member = next[this.names.indexOf(other)];
      return member !== undefined && holdsDurably(this.members.get(member).disk, commitIndex, term);
    };
    const earlier = this.members.get(before).raft.configurations;
    const held = [configurations, earlier].some((list) => isQuorum(list.at(-1)!.configuration, holds));
    if (held) return null;
    const message = `committed entry ${commitIndex} of term ${term}, which no majority holds durably`;
    return { rule: "commitOnQuorum", node: id, message };
  }
}
