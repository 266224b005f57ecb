import type { ReplicaEvent } from "@balsa/replica";
import type { Logger } from "./logger.js";

/** Campaigns in a row that are told one by one. */
const MAX_TOLD = 6;
const WARN_EVERY_MS = 10_000;

/** Tells of role changes. Whom nobody votes for campaigns on and on: that is told as one warning now and then. */
export class RoleLog {
  readonly #logger: Logger;
  readonly #now: () => number;
  #campaigns = 0;
  #warnedAt = -Infinity;

  constructor(logger: Logger, now: () => number) {
    this.#logger = logger;
    this.#now = now;
  }

  tell(event: ReplicaEvent): void {
    if (event.type === "leaderElected") this.#campaigns = 0;
    if (event.type !== "roleChanged") return;
    const { role, term, reason } = event;
    if (role === "preCandidate" || role === "candidate") this.#campaigns += 1;
    if (this.#campaigns <= MAX_TOLD) {
      this.#logger.info({ role, term, reason }, `now ${role} in term ${String(term)}: ${reason}`);
      return;
    }
    if (this.#now() - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = this.#now();
    const campaigns = this.#campaigns;
    this.#logger.warn(
      { term, campaigns },
      `${String(campaigns)} campaigns, and no leader is heard of. If the others have one, this member is no longer one of theirs, or they can't reach it: see balsa member list`,
    );
  }
}
