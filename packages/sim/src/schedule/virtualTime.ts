import { EventQueue, type ScheduledEvent } from "./eventQueue.js";
import { runTask, type Task } from "./task.js";

/** The one time of the simulated world, in milliseconds from 0: it stands still while a task runs, then jumps. */
export class VirtualTime {
  readonly #queue = new EventQueue();
  #nowMs = 0;
  #eventsRun = 0;
  /** What is left to do in this step. */
  readonly #soon: Task[] = [];
  #isRunning = false;

  get now(): number {
    return this.#nowMs;
  }

  /** How many events have run: the number of the step that the world is at. */
  get eventsRun(): number {
    return this.#eventsRun;
  }

  /** Events waiting, among them cancelled ones whose time has not come. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Runs `task` at `atMs`, after everything scheduled for that time before it.
   * @throws RangeError if `atMs` is in the past or not finite
   */
  schedule(atMs: number, task: Task): ScheduledEvent {
    if (!(atMs >= this.#nowMs && atMs < Infinity)) {
      throw new RangeError(`schedule for ${atMs} ms: it must be finite and not before the present, ${this.#nowMs} ms`);
    }
    return this.#queue.push(atMs, task);
  }

  /** Runs `task` when the task that runs now is over, as a part of the same step; between steps: as the next one. */
  soon(task: Task): void {
    if (this.#isRunning) this.#soon.push(task);
    else this.after(0, task);
  }

  /** Runs `task` when `delayMs` have passed. */
  after(delayMs: number, task: Task): ScheduledEvent {
    return this.schedule(this.#nowMs + delayMs, task);
  }

  /** When the next event will run; null if nothing waits. */
  get nextAt(): number | null {
    return this.#queue.peek()?.atMs ?? null;
  }

  /** Jumps to the next event and runs it; false if nothing waits. */
  runNext(): boolean {
    return this.#run(this.#queue.pop());
  }

  /** Does so if that is due by `untilMs`, and otherwise nothing. */
  runNextBy(untilMs: number): boolean {
    const event = this.#queue.peek();
    if (event === null || event.atMs > untilMs) return false;
    return this.#run(this.#queue.pop());
  }

  #run(event: ScheduledEvent | null): boolean {
    if (event === null) return false;
    const task = event.task;
    if (task === null) throw new Error("the event queue handed out a cancelled event");
    event.task = null;
    this.#nowMs = event.atMs;
    this.#eventsRun += 1;
    this.#isRunning = true;
    try {
      runTask(task);
      if (this.#soon.length > 0) this.#runSoon();
    } finally {
      this.#isRunning = false;
    }
    return true;
  }

  #runSoon(): void {
    // They may bring more.
    for (let task = this.#soon.shift(); task !== undefined; task = this.#soon.shift()) runTask(task);
  }

  /** Runs all events up to and including `untilMs`, and stops there. */
  runUntil(untilMs: number): void {
    if (!(untilMs >= this.#nowMs)) throw new RangeError(`run until ${untilMs} ms: that is before ${this.#nowMs} ms`);
    for (let next = this.nextAt; next !== null && next <= untilMs; next = this.nextAt) this.runNext();
    this.#nowMs = untilMs;
  }
}
