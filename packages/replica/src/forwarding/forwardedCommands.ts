import type { NodeId } from "@balsa/core";
import type { Outcome, OutcomeHandler } from "../outcome.js";
import { refusal } from "../replica/refusal.js";
import { MAX_FORWARDED_BYTES, MAX_FORWARDED_COMMANDS } from "../wire/forwardCodec.js";
import type { ForwardedCommand, ForwardedResult, ForwardRequest, ForwardResponse } from "./forwardMessage.js";
import { SeenRequests } from "./seenRequests.js";

/** Answers of one message; one that is longer goes alone. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** No message could carry it. The command has been applied, and what it answered stays here. */
const ANSWER_TOO_LONG = refusal(
  "STALE_SEQUENCE",
  null,
  `its answer is longer than the ${String(MAX_FORWARDED_BYTES)} bytes that can be passed on`,
);

function isTooLong(outcome: Outcome<ForwardedResult>): boolean {
  return outcome.ok && outcome.value.result.length > MAX_FORWARDED_BYTES;
}

/** What the receiving side needs of its member. */
export interface ForwardTarget {
  readonly term: number;
  readonly leader: NodeId | null;
  readonly isLeader: boolean;
  propose(command: ForwardedCommand, done: OutcomeHandler<ForwardedResult>): void;
}

/** Takes commands that other members pass on, each once at most, and answers them. */
export class ForwardedCommands {
  readonly #id: NodeId;
  readonly #target: ForwardTarget;
  /** The term that this process began in. What was sent in it, or before, may have been dealt with by the process before. */
  readonly #firstTerm: number;
  readonly #seen = new SeenRequests();
  #gathered = new Map<NodeId, { readonly id: number; readonly outcome: Outcome<ForwardedResult> }[]>();

  constructor(id: NodeId, target: ForwardTarget) {
    this.#id = id;
    this.#target = target;
    this.#firstTerm = target.term;
  }

  /**
   * A repeated request gets no answer of its own, not even a refusal: that would say of a command which may be under way
   * that it was not carried out.
   */
  receive({ from, term, requests }: ForwardRequest): void {
    if (!Array.isArray(requests) || !(term > this.#firstTerm)) return;
    for (const { id, command } of requests as ForwardRequest["requests"]) {
      if (!this.#seen.note(from, id)) continue;
      const answer: OutcomeHandler<ForwardedResult> = (outcome) => {
        this.#gather(from, id, isTooLong(outcome) ? ANSWER_TOO_LONG : outcome);
      };
      if (this.#target.isLeader && term === this.#target.term) this.#target.propose(command, answer);
      else answer(refusal("NOT_LEADER", this.#target.leader));
    }
  }

  /** Answers gathered since, in as few messages as the limits allow. */
  takeResponses(term: number): readonly ForwardResponse[] {
    if (this.#gathered.size === 0) return [];
    const messages: ForwardResponse[] = [];
    for (const [to, answers] of this.#gathered) {
      let responses: ForwardResponse["responses"][number][] | null = null;
      let bytes = 0;
      for (const answer of answers) {
        const length = answer.outcome.ok ? answer.outcome.value.result.length : 0;
        if (responses === null || responses.length === MAX_FORWARDED_COMMANDS || bytes + length > MAX_RESPONSE_BYTES) {
          responses = [];
          bytes = 0;
          messages.push({ type: "forwardResponse", from: this.#id, to, term, responses });
        }
        responses.push(answer);
        bytes += length;
      }
    }
    this.#gathered = new Map();
    return messages;
  }

  #gather(to: NodeId, id: number, outcome: Outcome<ForwardedResult>): void {
    const answers = this.#gathered.get(to);
    if (answers === undefined) this.#gathered.set(to, [{ id, outcome }]);
    else answers.push({ id, outcome });
  }
}
