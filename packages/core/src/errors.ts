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
 * States what must hold.
 * @throws InvariantError when it doesn't.
 */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new InvariantError(`Broken invariant: ${what}. This member must not go on.`);
}
