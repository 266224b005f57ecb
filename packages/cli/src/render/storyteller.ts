import type { TraceEvent } from "@balsa/sim";
import type { Paint } from "./style.js";
import { tellEvent } from "./tellEvent.js";

/** Tells a run's events to a person, and what all members notice only once. */
export class Storyteller {
  readonly #paint: Paint;
  readonly #width: number;
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
    return tellEvent(event, this.#paint, this.#width);
  }
}
