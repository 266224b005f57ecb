import { invariant } from "@balsa/core";
import type { Clock, Timer } from "../clock.js";

/**
 * One timer for all groups. Deadlines are put off to the next tick, so that what many groups have to do at about the same time,
 * heartbeats above all, is done in one go.
 */
export class HostClock implements Clock {
  readonly #clock: Clock;
  readonly #tickMs: number;
  /** By the number of the tick, and in the order in which they were set. */
  readonly #due = new Map<number, Set<{ readonly callback: () => void }>>();
  /** Numbers of ticks at which something is due, as a heap: the smallest comes first. */
  readonly #ticks: number[] = [];
  #armed: { readonly tick: number; readonly timer: Timer } | null = null;

  constructor(clock: Clock, tickMs: number) {
    invariant(tickMs > 0, "a tick lasts");
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  now(): number {
    return this.#clock.now();
  }

  soon(callback: () => void): void {
    this.#clock.soon(callback);
  }

  setTimer(deadline: number, callback: () => void): Timer {
    if (deadline === Infinity) return { cancel: () => undefined };
    const tick = Math.ceil(deadline / this.#tickMs);
    let due = this.#due.get(tick);
    if (due === undefined) {
      due = new Set();
      this.#due.set(tick, due);
      pushTick(this.#ticks, tick);
      this.#arm();
    }
    const entry = { callback };
    due.add(entry);
    const set = due;
    return { cancel: () => void set.delete(entry) };
  }

  #arm(): void {
    const [tick] = this.#ticks;
    if (tick === undefined || (this.#armed !== null && this.#armed.tick <= tick)) return;
    this.#armed?.timer.cancel();
    this.#armed = { tick, timer: this.#clock.setTimer(tick * this.#tickMs, this.#fire) };
  }

  readonly #fire = (): void => {
    this.#armed = null;
    const now = this.#clock.now();
    while (this.#ticks.length > 0 && (this.#ticks[0] as number) * this.#tickMs <= now) {
      const tick = popTick(this.#ticks);
      const due = this.#due.get(tick);
      this.#due.delete(tick);
      // Whoever is called may cancel another that is due at the same tick, and that one then isn't called.
      for (const entry of due ?? []) if (due?.delete(entry) === true) entry.callback();
    }
    this.#arm();
  };
}

function pushTick(heap: number[], tick: number): void {
  let at = heap.push(tick) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] as number) <= tick) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = tick;
}

function popTick(heap: number[]): number {
  const first = heap[0] as number;
  const last = heap.pop() as number;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
    if ((heap[child] as number) >= last) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = last;
  return first;
}
