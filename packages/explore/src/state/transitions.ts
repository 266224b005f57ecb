import {
  completeOptions,
  invariant,
  InvariantError,
  type ConfigurationChange,
  type Message,
  type RaftOptions,
} from "@balsa/core";
import type { Bounds } from "../bounds.js";
import type { Member } from "../member/member.js";
import { MemberRun, type MemberStep } from "../member/memberStep.js";
import { electionDeadline } from "../member/normalForm.js";
import { describeMemberViolation } from "../rules/memberRules.js";
import type { Violation } from "../rules/rule.js";
import { INPUT } from "./action.js";
import type { InternTable } from "./internTable.js";
import { PairTable } from "./pairTable.js";

/** What one input does to one member, wherever in the world that happens. */
export interface Transition {
  /** The member afterwards; -1 when it threw. */
  readonly member: number;
  /** Numbers of the messages that leave. */
  readonly sent: readonly number[];
  readonly violation: Violation | null;
  /** A leader came to be, something was committed, or the log's base moved: the history has to hear of it. */
  readonly historic: boolean;
  /** The index that a leader has committed by this step, or 0. */
  readonly committedByLeader: number;
  readonly logChanged: boolean;
}

/**
 * Runs members of the real core, each input of each state of a member once: a member is a value, so what it does depends
 * on nothing else.
 */
export class Transitions {
  readonly options: RaftOptions;
  readonly changes: readonly ConfigurationChange[];
  readonly #bounds: Bounds;
  readonly #members: InternTable<Member>;
  readonly #messages: InternTable<Message>;
  readonly #numbers = new PairTable();
  readonly #transitions: Transition[] = [];

  constructor(bounds: Bounds, names: readonly string[], members: InternTable<Member>, messages: InternTable<Message>) {
    this.#bounds = bounds;
    this.#members = members;
    this.#messages = messages;
    this.options = coreOptions(bounds);
    this.changes = bounds.changeKinds.flatMap((type) => names.map((id) => ({ type, id })));
    invariant(INPUT.change + this.changes.length <= INPUT.message, "every change has a number of its own");
  }

  /** How many steps the core has made. */
  get size(): number {
    return this.#transitions.length;
  }

  get(transition: number): Transition {
    return this.#transitions[transition] as Transition;
  }

  /** The number of the transition of a member by an input. */
  find(member: number, input: number): number {
    const known = this.#numbers.get(member, input);
    if (known >= 0) return known;
    const number = this.#transitions.length;
    this.#transitions.push(this.#make(this.#members.get(member), input));
    this.#numbers.set(member, input, number);
    return number;
  }

  #make(before: Member, input: number): Transition {
    const { member: after, sent, failure } = this.#run(before, input);
    const failed: Violation | null =
      failure === null ? null : { rule: "noFailure", node: before.raft.id, message: failure };
    if (after === null) {
      const nothing = { sent: [], historic: false, committedByLeader: 0, logChanged: false };
      return { member: -1, violation: failed, ...nothing };
    }
    const restarted = input >= INPUT.crash && input < INPUT.change;
    const committed = after.raft.commitIndex > before.raft.commitIndex;
    const leads = after.raft.role === "leader";
    // A leader that commits its own removal is none any more when the step ends.
    const led = leads || (before.raft.role === "leader" && before.raft.term === after.raft.term);
    const elected = leads && (before.raft.role !== "leader" || before.raft.term !== after.raft.term);
    const violation = failed ?? (restarted ? null : describeMemberViolation(before, after));
    return {
      member: this.#members.intern(after),
      sent: sent.map((message) => this.#messages.intern(message)),
      violation: violation !== null && this.#bounds.rules.includes(violation.rule) ? violation : null,
      historic: committed || elected || after.raft.log.baseIndex !== before.raft.log.baseIndex,
      committedByLeader: led && committed ? after.raft.commitIndex : 0,
      logChanged: restarted || !hasSameLog(before, after),
    };
  }

  #run(member: Member, input: number): MemberStep {
    const settings = { options: this.options, disk: this.#bounds.disk };
    const at = (now: number, run: (run: MemberRun) => void): MemberStep => MemberRun.resume(settings, member, now, run);
    const wakeAt = (now: number): MemberStep =>
      at(now, (run) => {
        run.feed((raft) => {
          raft.wake(now);
        });
      });
    if (input >= INPUT.message) {
      const message = this.#messages.get(input - INPUT.message);
      return at(0, (run) => {
        run.receive(message);
      });
    }
    if (input >= INPUT.change) {
      const change = this.changes[input - INPUT.change] as ConfigurationChange;
      return at(0, (run) => {
        run.feed((raft) => raft.reconfigure(0, [change]));
      });
    }
    if (input >= INPUT.crash) {
      return MemberRun.restart(settings, member, input - INPUT.crash);
    }
    if (input >= INPUT.propose) {
      const command = Uint8Array.of(input - INPUT.propose);
      return at(0, (run) => {
        run.feed((raft) => raft.propose(0, [command]));
      });
    }
    switch (input) {
      case INPUT.timeOut:
        return wakeAt(electionDeadline(this.options));
      case INPUT.heartbeat:
        return wakeAt(member.raft.leadership?.heartbeatDeadline ?? 0);
      case INPUT.lapse:
        return wakeAt(this.options.electionTimeoutMs);
      case INPUT.sync:
        return at(0, (run) => {
          run.syncOldest();
        });
      case INPUT.compact:
        return at(0, (run) => {
          run.compact();
        });
      default:
        throw new InvariantError(`there is no input ${input}`);
    }
  }
}

function coreOptions({ preVote, checkQuorum, leaderStickiness, appendEntries }: Bounds): RaftOptions {
  return completeOptions({
    preVote,
    checkQuorum,
    leaderStickiness,
    maxAppendEntries: appendEntries,
    logTailEntries: 0,
  });
}

/** Entries are never changed once made, but copies are: terms and indexes say enough, contents being checked elsewhere. */
function hasSameLog(before: Member, after: Member): boolean {
  const a = before.raft.log;
  const b = after.raft.log;
  if (a.baseIndex !== b.baseIndex || a.entries.length !== b.entries.length) return false;
  return a.entries.every((entry, i) => entry.term === b.entries[i]?.term);
}
