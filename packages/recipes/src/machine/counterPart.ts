import { integerOf, MalformedError, objectOf, type Json, type JsonObject } from "./json.js";
import type { Part } from "./part.js";

const LEAST = Number.MIN_SAFE_INTEGER;
const MOST = Number.MAX_SAFE_INTEGER;

/** A whole number that is added to, and that may be kept within bounds. */
export class CounterPart implements Part {
  #value = 0;

  get isForgettable(): boolean {
    return this.#value === 0;
  }

  apply(command: JsonObject): Json {
    if (command["do"] !== "add") throw new MalformedError("a counter can do add");
    const amount = integerOf(command["amount"], "amount", LEAST, MOST);
    const least = integerOf(command["least"] ?? LEAST, "least", LEAST, MOST);
    const most = integerOf(command["most"] ?? MOST, "most", LEAST, MOST);
    const next = this.#value + amount;
    const isWithin = next >= least && next <= most;
    if (isWithin) this.#value = next;
    return { added: isWithin, value: this.#value };
  }

  query(): Json {
    return { value: this.#value };
  }

  capture(): Iterable<Json> {
    return [{ value: this.#value }];
  }

  restore(record: Json): void {
    this.#value = integerOf(objectOf(record, "a counter")["value"], "value", LEAST, MOST);
  }
}
