/** Something to do later. Hot paths implement it on an object they have anyway, which saves a closure. */
export interface Runnable {
  run(): void;
  /** Called instead of `run` if the process that it was for is dead. */
  abandon?(): void;
}

export type Task = Runnable | (() => void);

export function runTask(task: Task): void {
  if (typeof task === "function") task();
  else task.run();
}

export function abandonTask(task: Task): void {
  if (typeof task !== "function") task.abandon?.();
}
