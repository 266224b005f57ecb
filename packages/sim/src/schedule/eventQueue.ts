import type { Task } from "./task.js";

/** A task with its place in the order of time. Made by `EventQueue.push` only. */
export class ScheduledEvent {
  readonly atMs: number;
  /** Breaks ties: events of the same time run in the order they were scheduled in. */
  readonly sequence: number;
  /** Null once it has been run or cancelled, so that neither happens twice and what it held can be freed. */
  task: Task | null;

  constructor(atMs: number, sequence: number, task: Task) {
    this.atMs = atMs;
    this.sequence = sequence;
    this.task = task;
  }

  /** The event will not run. Does nothing to one that has run. */
  cancel(): void {
    this.task = null;
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}

/** A binary heap of events by time, then by order of insertion. Cancelled events leave it when their turn comes. */
export class EventQueue {
  #heap: ScheduledEvent[] = [];
  #nextSequence = 0;

  /** Events held, cancelled ones included. */
  get size(): number {
    return this.#heap.length;
  }

  push(atMs: number, task: Task): ScheduledEvent {
    const event = new ScheduledEvent(atMs, this.#nextSequence, task);
    this.#nextSequence += 1;
    this.#siftUp(event, this.#heap.length);
    return event;
  }

  /** The earliest event that is not cancelled, left in its place. */
  peek(): ScheduledEvent | null {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return null;
      if (first.task !== null) return first;
      this.#removeFirst();
    }
  }

  /** Takes the earliest event that is not cancelled. */
  pop(): ScheduledEvent | null {
    const first = this.peek();
    if (first !== null) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#siftDown(last);
  }

  /** Moves the hole at `position` up until `event` fits in. */
  #siftUp(event: ScheduledEvent, position: number): void {
    const heap = this.#heap;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = heap[parentPosition] as ScheduledEvent;
      if (!isBefore(event, parent)) break;
      heap[position] = parent;
      position = parentPosition;
    }
    heap[position] = event;
  }

  /** Moves the hole at the top down until `event` fits in. */
  #siftDown(event: ScheduledEvent): void {
    const heap = this.#heap;
    const length = heap.length;
    let position = 0;
    for (;;) {
      let childPosition = 2 * position + 1;
      if (childPosition >= length) break;
      let child = heap[childPosition] as ScheduledEvent;
      const rightPosition = childPosition + 1;
      if (rightPosition < length) {
        const right = heap[rightPosition] as ScheduledEvent;
        if (isBefore(right, child)) {
          child = right;
          childPosition = rightPosition;
        }
      }
      if (!isBefore(child, event)) break;
      heap[position] = child;
      position = childPosition;
    }
    heap[position] = event;
  }
}
