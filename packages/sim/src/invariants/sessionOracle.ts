import type { Entry } from "@balsa/core";
import { decodeEnvelope } from "@balsa/replica";
import { NumberList } from "./numberList.js";

/**
 * Reads the committed entries on its own, and counts how many of them may have an effect: a session's commands each the
 * first time that they come, in their order. Of expired sessions it knows nothing, so it gives the most there can be.
 */
export class SessionOracle {
  /** By index: how many entries up to there may have had an effect. */
  readonly #most = new NumberList();
  readonly #lastSequences = new Map<number, number>();

  constructor() {
    this.#most.push(0);
  }

  /** The entry after the last one. */
  committed(entry: Entry): void {
    const before = this.#most.at(this.#most.length - 1);
    this.#most.push(before + (entry.kind === "command" && this.#mayHaveEffect(entry) ? 1 : 0));
  }

  mostEffectsThrough(index: number): number {
    return this.#most.at(Math.min(index, this.#most.length - 1));
  }

  #mayHaveEffect(entry: Entry): boolean {
    const envelope = decodeEnvelope(entry.data);
    switch (envelope.kind) {
      case "plain":
        return true;
      case "register":
        this.#lastSequences.set(entry.index, 0);
        return false;
      case "address":
        return false;
      case "close":
        this.#lastSequences.delete(envelope.sessionId);
        return false;
      case "command": {
        const { sessionId, sequence } = envelope.session;
        const last = this.#lastSequences.get(sessionId);
        if (last === undefined || sequence !== last + 1) return false;
        this.#lastSequences.set(sessionId, sequence);
        return true;
      }
    }
  }
}
