interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: what is due at one instant happens in the order in which it was asked for. */
export class Schedule {
  now = 0;
  #tasks: Task[] = [];
  #order = 0;

  after(delayMs: number, run: () => void): () => void {
    const task: Task = { at: this.now + Math.max(0, delayMs), order: this.#order++, run };
    // Kept sorted from the last to the first, so that the next one is taken off the end.
    let place = this.#tasks.length;
    while (place > 0 && isBefore(this.#tasks[place - 1] as Task, task)) place--;
    this.#tasks.splice(place, 0, task);
    return () => {
      const found = this.#tasks.indexOf(task);
      if (found >= 0) this.#tasks.splice(found, 1);
    };
  }

  /** When the next thing happens; `Infinity` for never. */
  get nextAt(): number {
    return this.#tasks.at(-1)?.at ?? Infinity;
  }

  step(): void {
    const task = this.#tasks.pop();
    if (task === undefined) throw new Error("nothing is going to happen");
    this.now = Math.max(this.now, task.at);
    task.run();
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
