import { InvalidOptionError } from "@balsa/core";

/** Limits of the sessions. They decide what each entry does, so all members must have the same. */
export interface SessionOptions {
  /** A session expires when it was idle for longer than this, by the replicated clock. Default one hour. */
  readonly sessionTimeoutMs: number;
  /** One more expires the least recently active. Default 10,000. */
  readonly maxSessions: number;
  /** Results kept for a session that doesn't say it has got them; older ones are forgotten. Default 1,024. */
  readonly maxCachedResults: number;
  /** And their bytes, though the newest is kept whatever its size. Default 1 MiB. */
  readonly maxCachedResultBytes: number;
}

export const DEFAULT_SESSION_OPTIONS: SessionOptions = Object.freeze({
  sessionTimeoutMs: 3_600_000,
  maxSessions: 10_000,
  maxCachedResults: 1_024,
  maxCachedResultBytes: 1024 * 1024,
});

/**
 * Fills in defaults and checks what was given.
 * @throws InvalidOptionError
 */
export function completeSessionOptions(given: Partial<SessionOptions> = {}): SessionOptions {
  const options: SessionOptions = {
    sessionTimeoutMs: given.sessionTimeoutMs ?? DEFAULT_SESSION_OPTIONS.sessionTimeoutMs,
    maxSessions: given.maxSessions ?? DEFAULT_SESSION_OPTIONS.maxSessions,
    maxCachedResults: given.maxCachedResults ?? DEFAULT_SESSION_OPTIONS.maxCachedResults,
    maxCachedResultBytes: given.maxCachedResultBytes ?? DEFAULT_SESSION_OPTIONS.maxCachedResultBytes,
  };
  for (const [name, value] of Object.entries(options) as [string, number][]) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidOptionError(name, value, "a whole number of at least 1");
    }
  }
  return Object.freeze(options);
}
