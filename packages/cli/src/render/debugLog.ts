import type { TraceEvent } from "@balsa/sim";
import { write, type Output } from "../io.js";
import { tellAnyEvent } from "./tellEvent.js";

/** Every event, messages and all, on standard error: what `BALSA_LOG=debug` shows. */
export class DebugLog {
  readonly #output: Output;
  #lines: string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  add(event: TraceEvent): void {
    this.#lines.push(`${tellAnyEvent(event)}\n`);
  }

  async flush(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    await write(this.#output, text);
  }
}
