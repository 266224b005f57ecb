import { abandonTask, runTask, type Task } from "./task.js";
import type { VirtualTime } from "./virtualTime.js";

/**
 * One life of one node's process: all that its code ever runs for (a timer, a message, a disk completion) comes through
 * this gate, so that pausing and killing mean the same for all of them. A restart is a new `NodeProcess`.
 *
 * Invariant: while the backlog or its handing over is not over, whatever comes in queues up behind it. So the order stays
 * that of arrival.
 */
export class NodeProcess {
  readonly id: string;
  readonly time: VirtualTime;
  readonly #onEnter: (() => void) | null;
  #alive = true;
  #paused = false;
  #backlog: Task[] = [];
  #backlogHead = 0;
  /** An event that hands over the next task of the backlog is due. */
  #handOverDue = false;
  #handingOver = false;

  /** @param onEnter told of every task that comes to it */
  constructor(id: string, time: VirtualTime, onEnter: (() => void) | null = null) {
    this.id = id;
    this.time = time;
    this.#onEnter = onEnter;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Tasks that wait for the process to resume. */
  get backlog(): number {
    return this.#backlog.length - this.#backlogHead;
  }

  /** Runs `task` in the process: now, or once it has resumed, or never if it is dead. */
  enter(task: Task): void {
    this.#onEnter?.();
    if (!this.#alive) abandonTask(task);
    else if (this.#paused || this.#backlog.length > 0 || this.#handingOver) this.#backlog.push(task);
    else runTask(task);
  }

  /** Stops the process like SIGSTOP: nothing of it runs, and what happens to it meanwhile queues up. */
  pause(): void {
    this.#paused = true;
  }

  /** Lets it go on. What queued up is handed over in order, as one event each, at the present time. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#handOverLater();
  }

  /** Ends it: nothing that was scheduled for it will run. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    const abandoned = this.#backlog.slice(this.#backlogHead);
    this.#clearBacklog();
    for (const task of abandoned) abandonTask(task);
  }

  #handOverLater(): void {
    if (this.#handOverDue || this.#paused || this.backlog === 0) return;
    this.#handOverDue = true;
    this.time.after(0, () => {
      this.#handOverDue = false;
      if (this.#paused || !this.#alive) return;
      this.#handOverOne();
      this.#handOverLater();
    });
  }

  #handOverOne(): void {
    const task = this.#backlog[this.#backlogHead];
    if (task === undefined) return;
    this.#backlogHead += 1;
    if (this.#backlogHead === this.#backlog.length) this.#clearBacklog();
    this.#handingOver = true;
    runTask(task);
    this.#handingOver = false;
  }

  #clearBacklog(): void {
    this.#backlog = [];
    this.#backlogHead = 0;
  }
}
