import { invariant, type Persist } from "@balsa/core";
import type { Done } from "../disk.js";
import type { LogStore, ReplicaLog } from "../storage/index.js";

/** The log of all groups as one of them sees it: closing it only waits for what this group has under way. */
export class GroupLog implements ReplicaLog {
  onFullChanged: (isFull: boolean) => void = () => undefined;
  readonly #store: LogStore;
  readonly #flushSoon: () => void;
  #underWay = 0;
  #closing: Done | null = null;
  #failure: Error | null = null;

  /** @param flushSoon has what was gathered written, soon */
  constructor(store: LogStore, flushSoon: () => void) {
    this.#store = store;
    this.#flushSoon = flushSoon;
  }

  get isFull(): boolean {
    return this.#store.isFull;
  }

  /** Of all groups. */
  get sizeBytes(): number {
    return this.#store.sizeBytes;
  }

  append(group: number, persist: Persist, done: Done): void {
    this.#begin();
    this.#store.gather(group, persist, (error) => this.#end(error, done));
    this.#flushSoon();
  }

  compact(group: number, throughIndex: number, done: Done): void {
    this.#begin();
    this.#store.compact(group, throughIndex, (error) => this.#end(error, done));
  }

  seekRoom(): void {
    this.#store.seekRoom();
  }

  close(done: Done): void {
    invariant(this.#closing === null, "a group's log is closed once");
    this.#closing = done;
    if (this.#underWay === 0) done(null);
  }

  #begin(): void {
    invariant(this.#closing === null, "nothing is appended to a log that is closed");
    this.#underWay += 1;
  }

  #end(error: Error | null, done: Done): void {
    this.#underWay -= 1;
    this.#failure ??= error;
    done(error);
    if (this.#underWay === 0) this.#closing?.(this.#failure);
  }
}
