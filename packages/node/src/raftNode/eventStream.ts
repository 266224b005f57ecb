/** Hands out values to those who listen, each at a pace of their own; who falls behind too far loses the oldest. */
export class EventStream<Event> {
  readonly #maxBuffered: number;
  readonly #dropped: (count: number) => Event;
  readonly #listeners = new Set<Listener<Event>>();
  #ended = false;

  constructor(maxBuffered: number, dropped: (count: number) => Event) {
    this.#maxBuffered = maxBuffered;
    this.#dropped = dropped;
  }

  publish(event: Event): void {
    for (const listener of this.#listeners) {
      listener.events.push(event);
      if (listener.events.length > this.#maxBuffered) {
        listener.events.shift();
        listener.dropped += 1;
      }
      listener.wake?.();
    }
  }

  /** Nothing more will come; what is buffered is still handed out. */
  end(): void {
    this.#ended = true;
    for (const listener of this.#listeners) listener.wake?.();
    this.#listeners.clear();
  }

  /** What is published from now on, also before the first of it is asked for. */
  listen(signal?: AbortSignal): AsyncGenerator<Event, void, undefined> {
    const listener: Listener<Event> = { events: [], dropped: 0, wake: null };
    if (signal?.aborted !== true && !this.#ended) this.#listeners.add(listener);
    const abort = (): void => {
      this.#listeners.delete(listener);
      listener.wake?.();
    };
    signal?.addEventListener("abort", abort, { once: true });
    return this.#handOut(listener, signal, abort);
  }

  async *#handOut(
    listener: Listener<Event>,
    signal: AbortSignal | undefined,
    abort: () => void,
  ): AsyncGenerator<Event, void, undefined> {
    try {
      while (signal?.aborted !== true) {
        if (listener.dropped > 0) {
          const count = listener.dropped;
          listener.dropped = 0;
          yield this.#dropped(count);
          continue;
        }
        const event = listener.events.shift();
        if (event !== undefined) yield event;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => (listener.wake = resolve));
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#listeners.delete(listener);
    }
  }
}

interface Listener<Event> {
  readonly events: Event[];
  dropped: number;
  wake: (() => void) | null;
}
