import type { Logger } from "../raftNode/logger.js";

const EVERY_MS = 10_000;
const MAX_SUBJECTS = 1_024;

/** Says the same thing at most every ten seconds, and how often it would have been said. */
export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #said = new Map<string, { at: number; suppressed: number }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(subject: string, fields: object, message: string): void {
    const now = performance.now();
    const said = this.#said.get(subject);
    if (said !== undefined && now - said.at < EVERY_MS) {
      said.suppressed += 1;
      return;
    }
    if (this.#said.size >= MAX_SUBJECTS) this.#said.clear();
    this.#said.set(subject, { at: now, suppressed: 0 });
    const suppressed = said?.suppressed ?? 0;
    this.#logger.warn(suppressed > 0 ? { ...fields, suppressed } : fields, message);
  }
}
