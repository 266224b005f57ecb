/** An option was wrong. */
export class InvalidOptionError extends Error {
  readonly code = "INVALID_OPTION";
  override readonly name = "InvalidOptionError";

  readonly option: string;
  readonly value: unknown;

  constructor(option: string, value: unknown, expected: string) {
    super(`Option ${option} is ${String(value)}; it must be ${expected}.`);
    this.option = option;
    this.value = value;
  }
}

/**
 * Something that can't be has happened inside the algorithm, or the caller broke its contract. The member must stop: to
 * go on would risk what others rely on.
 */
export class InvariantError extends Error {
  readonly code = "INVARIANT_VIOLATED";
  override readonly name = "InvariantError";
}

/**
 * States what must hold. On the hot path `what` is a plain text or a function, for one put together from values costs
 * more than the check.
 * @throws InvariantError when it doesn't.
 */
export function invariant(holds: boolean, what: string | (() => string)): asserts holds {
  if (holds) return;
  const text = typeof what === "string" ? what : what();
  throw new InvariantError(`Broken invariant: ${text}. This member must not go on.`);
}
