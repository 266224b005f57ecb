import type { Message } from "@balsa/core";

interface Held {
  readonly position: number;
  readonly messages: readonly Message[];
}

/** Messages that promise something which isn't durable yet. */
export class Outbox {
  #held: Held[] = [];
  #durablePosition = 0;

  /** Returns what may leave at once: everything, or nothing. */
  admit(position: number, messages: readonly Message[]): readonly Message[] {
    if (messages.length === 0 || position <= this.#durablePosition) return messages;
    this.#held.push({ position, messages });
    return [];
  }

  /** Returns what may leave now that everything up to `position` is durable, in the order of promising. */
  release(position: number): readonly Message[] {
    if (position > this.#durablePosition) this.#durablePosition = position;
    if (this.#held.length === 0 || (this.#held[0] as Held).position > this.#durablePosition) return [];
    const due = this.#held.filter((held) => held.position <= this.#durablePosition);
    this.#held = this.#held.filter((held) => held.position > this.#durablePosition);
    return due.length === 1 ? (due[0] as Held).messages : due.flatMap((held) => held.messages);
  }
}
