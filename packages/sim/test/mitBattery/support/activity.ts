import type { VirtualTime } from "../../../src/schedule/virtualTime.js";

/** What an activity waits for: so many milliseconds, or whatever calls it back. */
export type Wait = number | ((resume: () => void) => void);

/**
 * What goes on at the same time as other things, written down as one sequence: `yield` waits, `yield*` does something
 * that takes its own time.
 */
export type Activity<T = void> = Generator<Wait, T, undefined>;

/** An activity under way; it goes on as virtual time does. */
export class Running<T = void> {
  readonly #time: VirtualTime;
  readonly #activity: Activity<T>;
  readonly #failed: (error: unknown) => void;
  #outcome: { readonly value: T } | null = null;
  #onEnd: (() => void) | null = null;

  /** @param failed told of what the activity throws, which ends it */
  constructor(time: VirtualTime, activity: Activity<T>, failed: (error: unknown) => void) {
    this.#time = time;
    this.#activity = activity;
    this.#failed = failed;
    time.after(0, this.#goOn);
  }

  get isDone(): boolean {
    return this.#outcome !== null;
  }

  /** Waits for the end, and gives what the activity returned. */
  *join(): Activity<T> {
    if (this.#outcome === null) {
      yield (resume) => {
        this.#onEnd = resume;
      };
    }
    if (this.#outcome === null) throw new Error("an activity was taken up before the one that it waits for had ended");
    return this.#outcome.value;
  }

  readonly #goOn = (): void => {
    try {
      const step = this.#activity.next();
      if (step.done === true) {
        this.#outcome = { value: step.value };
        this.#onEnd?.();
      } else if (typeof step.value === "number") {
        this.#time.after(step.value, this.#goOn);
      } else {
        // Called back from within a replica it goes on only when that is done.
        step.value(() => this.#time.after(0, this.#goOn));
      }
    } catch (error) {
      this.#failed(error);
    }
  };
}
