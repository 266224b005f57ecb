import type { Clock, Timer } from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { Runnable } from "../schedule/task.js";
import type { VirtualTime } from "../schedule/virtualTime.js";

const MIN_RATE = 0.01;
const MAX_RATE = 100;

/**
 * The clock in one node's hardware, which outlives its processes. Local time is a straight line over virtual time, from an
 * anchor on, and never falls: where the line was moved down, local time stands still until the line has caught up.
 */
export class NodeClock {
  readonly #time: VirtualTime;
  /** Timers whose time has not come: a change of the clock schedules them anew. */
  readonly #timers = new Set<LocalTimer>();
  #anchorVirtualMs: number;
  #anchorLocalMs: number;
  #rate = 1;
  #floorLocalMs: number;

  /** @param startLocalMs what it shows at first; default: the virtual time */
  constructor(time: VirtualTime, startLocalMs = time.now) {
    if (!Number.isFinite(startLocalMs)) throw new RangeError(`a clock can't start at ${startLocalMs} ms`);
    this.#time = time;
    this.#anchorVirtualMs = time.now;
    this.#anchorLocalMs = startLocalMs;
    this.#floorLocalMs = startLocalMs;
  }

  /** The local time, in milliseconds. */
  now(): number {
    return Math.max(this.#floorLocalMs, this.#lineAt(this.#time.now));
  }

  /** Local milliseconds that pass in one of virtual time. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * Makes the clock run faster or slower from now on.
   * @throws RangeError unless the rate is between 0.01 and 100
   */
  setRate(rate: number): void {
    if (!(rate >= MIN_RATE && rate <= MAX_RATE)) {
      throw new RangeError(`the rate of a clock must be between ${MIN_RATE} and ${MAX_RATE}, not ${rate}`);
    }
    this.#change(0, rate);
  }

  /** Moves local time by this much; with a negative amount it stands still for that long. */
  skew(byMs: number): void {
    if (!Number.isFinite(byMs)) throw new RangeError(`a clock can't be moved by ${byMs} ms`);
    this.#change(byMs, this.#rate);
  }

  /**
   * The clock as one process sees it: its timers fire in the process, and die with it.
   * @param soonAfterMs gives how long `soon` puts a callback off each time; null: it calls back at once
   */
  attach(process: NodeProcess, soonAfterMs: (() => number) | null = null): Clock {
    return new AttachedClock(this, process, soonAfterMs);
  }

  /** For a process that is attached. */
  setTimer(process: NodeProcess, deadline: number, callback: () => void): Timer {
    const timer = new LocalTimer(this.#timers, process, deadline, callback);
    if (!process.alive) return timer;
    if (Number.isNaN(deadline)) throw new RangeError("a timer's deadline must be a number");
    this.#arm(timer);
    return timer;
  }

  #lineAt(virtualMs: number): number {
    return this.#anchorLocalMs + (virtualMs - this.#anchorVirtualMs) * this.#rate;
  }

  #change(byMs: number, rate: number): void {
    const virtualMs = this.#time.now;
    this.#floorLocalMs = this.now();
    this.#anchorLocalMs = this.#lineAt(virtualMs) + byMs;
    this.#anchorVirtualMs = virtualMs;
    this.#rate = rate;
    const timers = [...this.#timers];
    this.#timers.clear();
    for (const timer of timers) {
      timer.disarm();
      if (timer.process.alive) this.#arm(timer);
    }
  }

  #arm(timer: LocalTimer): void {
    if (timer.deadline === Infinity) return;
    this.#timers.add(timer);
    timer.arm(this.#time.schedule(this.#virtualOf(timer.deadline), timer));
  }

  /** The earliest virtual time, from now on, at which local time has come to `localMs` in spite of rounding. */
  #virtualOf(localMs: number): number {
    const nowMs = this.#time.now;
    if (localMs <= this.now()) return nowMs;
    let virtualMs = Math.max(nowMs, this.#anchorVirtualMs + (localMs - this.#anchorLocalMs) / this.#rate);
    let step = Math.max(virtualMs, 1) * Number.EPSILON;
    while (this.#lineAt(virtualMs) < localMs) {
      virtualMs += step;
      step *= 2;
    }
    return virtualMs;
  }
}

class AttachedClock implements Clock {
  readonly #clock: NodeClock;
  readonly #process: NodeProcess;
  readonly #soonAfterMs: (() => number) | null;

  constructor(clock: NodeClock, process: NodeProcess, soonAfterMs: (() => number) | null) {
    this.#clock = clock;
    this.#process = process;
    this.#soonAfterMs = soonAfterMs;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimer(deadline: number, callback: () => void): Timer {
    return this.#clock.setTimer(this.#process, deadline, callback);
  }

  soon(callback: () => void): void {
    if (this.#soonAfterMs === null) return callback();
    if (!this.#process.alive) return;
    this.#process.time.after(this.#soonAfterMs(), () => {
      this.#process.enter(callback);
    });
  }
}

/** Fires twice over: when its time has come, and then, as a task of the process, when that lets it in. */
class LocalTimer implements Timer, Runnable {
  readonly process: NodeProcess;
  readonly deadline: number;
  readonly #armed: Set<LocalTimer>;
  #callback: (() => void) | null;
  #event: ScheduledEvent | null = null;

  constructor(armed: Set<LocalTimer>, process: NodeProcess, deadline: number, callback: () => void) {
    this.#armed = armed;
    this.process = process;
    this.deadline = deadline;
    this.#callback = callback;
  }

  arm(event: ScheduledEvent): void {
    this.#event = event;
  }

  disarm(): void {
    this.#event?.cancel();
    this.#event = null;
  }

  cancel(): void {
    this.#callback = null;
    this.disarm();
    this.#armed.delete(this);
  }

  run(): void {
    if (this.#event !== null) {
      this.#event = null;
      this.#armed.delete(this);
      this.process.enter(this);
      return;
    }
    const callback = this.#callback;
    this.#callback = null;
    callback?.();
  }
}
