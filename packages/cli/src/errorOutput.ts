import type { UsageError } from "./usageError.js";

/** A mistake in the call or the input, for a person. */
export function formatError(error: UsageError): string {
  return `balsa: ${error.message}\n`;
}

/** The same for a program. */
export function jsonError(error: UsageError): Readonly<Record<string, unknown>> {
  return { code: error.code, message: error.message, ...error.place };
}
