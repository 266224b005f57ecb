export type UsageErrorCode = "BAD_ARGUMENT" | "BAD_INPUT" | "BAD_SCENARIO" | "FILE_ERROR";

/** Where the mistake is, for whoever reads `--json`. */
export interface UsageErrorPlace {
  /** The flag or argument that was wrong. */
  readonly argument?: string;
  /** The line of the input that was wrong, from 1. */
  readonly line?: number;
  /** What would have been right. */
  readonly expected?: string;
}

/** The call or the input was wrong; the message says what, and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code: UsageErrorCode;
  readonly place: UsageErrorPlace;

  constructor(code: UsageErrorCode, message: string, place: UsageErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.place = place;
  }
}

/** An argument that isn't what it must be. */
export function badArgument(argument: string, given: string, expected: string): UsageError {
  return new UsageError("BAD_ARGUMENT", `${argument} is ${quote(given)}; it must be ${expected}.`, {
    argument,
    expected,
  });
}

/** A file that could not be opened, read or written. */
export function fileError(argument: string, verb: string, path: string, cause: unknown): UsageError {
  return new UsageError(
    "FILE_ERROR",
    `${argument}: cannot ${verb} ${path}: ${describe(cause)}.`,
    { argument },
    { cause },
  );
}

const SHOWN_CHARACTERS = 60;

/** Text from outside in quotes, cut to a readable length and without control characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EMFILE: "too many files are open",
};

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  return SYSTEM_ERRORS[code] ?? cause.message;
}
