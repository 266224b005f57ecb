import { at } from "./at.js";
import type { Defined } from "./defined.js";
import type { Model } from "./model.js";
import { structuralHash } from "./structuralHash.js";

/** What one more state costs, besides its own content: an entry in a map, in two arrays, and a small object. */
const BYTES_PER_STATE = 128;

/** Numbers the distinct states that a search meets. */
export class StateTable<State extends Defined> {
  private readonly model: Pick<Model<State, never, Defined>, "equals" | "hash">;
  private readonly byHash = new Map<string | number, number>();
  private readonly states: State[] = [];
  /** For each state the one before it with the same hash, or -1. */
  private readonly previousAlike: number[] = [];
  private contentBytes = 0;

  constructor(model: Pick<Model<State, never, Defined>, "equals" | "hash">) {
    this.model = model;
  }

  get bytes(): number {
    return this.states.length * BYTES_PER_STATE + this.contentBytes;
  }

  numberOf(state: State): number {
    const hash = this.model.hash === undefined ? structuralHash(state) : this.model.hash(state);
    const newest = this.byHash.get(hash) ?? -1;
    for (let number = newest; number !== -1; number = at(this.previousAlike, number)) {
      if (this.model.equals(at(this.states, number), state)) return number;
    }
    const number = this.states.length;
    this.states.push(state);
    this.previousAlike.push(newest);
    this.byHash.set(hash, number);
    this.contentBytes +=
      2 * ((typeof state === "string" ? state.length : 0) + (typeof hash === "string" ? hash.length : 0));
    return number;
  }
}
