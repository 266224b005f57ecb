import type { Completion } from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { Runnable } from "../schedule/task.js";
import type { DiskEffect } from "./diskDevice.js";

/** The end of an operation. It runs twice: when the disk is done, then when the process takes that in. */
export class DiskCompletion<T> implements Runnable {
  readonly #process: NodeProcess;
  readonly #effect: DiskEffect | null;
  readonly #error: Error | null;
  readonly #value: T;
  readonly #done: Completion<T>;
  #ended = false;

  constructor(process: NodeProcess, effect: DiskEffect | null, error: Error | null, value: T, done: Completion<T>) {
    this.#process = process;
    this.#effect = effect;
    this.#error = error;
    this.#value = value;
    this.#done = done;
  }

  run(): void {
    if (this.#ended) {
      this.#done(this.#error, this.#value);
      return;
    }
    if (!this.#process.alive) return;
    this.#ended = true;
    this.#effect?.takeEffect();
    this.#process.enter(this);
  }
}
