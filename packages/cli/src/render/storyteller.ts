import type { TraceEvent } from "@balsa/sim";
import type { Paint } from "./style.js";
import { tellEvent } from "./tellEvent.js";

/** Tells a run's events to a person: what all members notice only once, and a start only where there was a stop. */
export class Storyteller {
  readonly #paint: Paint;
  readonly #width: number;
  readonly #stopped = new Set<string>();
  #configurationIndex = 0;

  constructor(paint: Paint, width: number) {
    this.#paint = paint;
    this.#width = width;
  }

  tell(event: TraceEvent): readonly string[] {
    if (event.what === "configurationCommitted") {
      if (event.index <= this.#configurationIndex) return [];
      this.#configurationIndex = event.index;
    }
    if (event.what === "stopped") this.#stopped.add(event.node);
    if (event.what === "started" && !this.#stopped.delete(event.node)) return [];
    return tellEvent(event, this.#paint, this.#width);
  }
}
