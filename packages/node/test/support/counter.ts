import type { TypedStateMachine } from "../../src/index.js";

export interface Add {
  readonly add: number;
}

/** The README's machine. */
export class Counter implements TypedStateMachine<Add, number> {
  value = 0;

  apply({ add }: Add): number {
    this.value += add;
    return this.value;
  }

  snapshot(): number {
    return this.value;
  }

  restore(value: number): void {
    this.value = value;
  }

  query(question: "value"): number {
    return question === "value" ? this.value : Number.NaN;
  }
}
