/**
 * Redlock as its description has it (redis.io, "Distributed Locks with Redis"): five independent servers, each of which keeps
 * a key for so long by its own clock, and a lock is held by whoever has the key on most of them.
 */
export class RedlockServer {
  isReachable = true;
  #jumpMs = 0;
  #holder: { readonly token: string; readonly untilMs: number } | null = null;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Its clock is set ahead. */
  jump(byMs: number): void {
    this.#jumpMs += byMs;
  }

  /** Sets the key unless it is there. */
  take(token: string, ttlMs: number): boolean {
    if (!this.isReachable) return false;
    const nowMs = this.#nowMs() + this.#jumpMs;
    if (this.#holder !== null && this.#holder.untilMs > nowMs) return false;
    this.#holder = { token, untilMs: nowMs + ttlMs };
    return true;
  }
}

export interface RedlockLease {
  /** By the client's clock, less what it reckons for the drift of clocks. */
  readonly validUntilMs: number;
}

/** One attempt; null where it did not get most of the servers. */
export function takeRedlock(
  servers: readonly RedlockServer[],
  token: string,
  ttlMs: number,
  nowMs: () => number,
): RedlockLease | null {
  const beganMs = nowMs();
  const taken = servers.filter((server) => server.take(token, ttlMs)).length;
  if (taken <= servers.length / 2) return null;
  return { validUntilMs: beganMs + ttlMs - ttlMs * 0.01 - 2 };
}
