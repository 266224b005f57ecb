/** A bound of the world to be explored was wrong. */
export class BoundsError extends Error {
  readonly code = "INVALID_BOUND";
  override readonly name = "BoundsError";

  readonly bound: string;
  readonly expected: string;

  constructor(bound: string, value: unknown, expected: string) {
    super(`The bound ${bound} is ${JSON.stringify(value) ?? "undefined"}; it must be ${expected}.`);
    this.bound = bound;
    this.expected = expected;
  }
}
