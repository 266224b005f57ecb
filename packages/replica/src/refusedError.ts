import type { NodeId } from "@balsa/core";
import type { Refusal, RefusalCode } from "./outcome.js";

/** A refusal, for whoever throws: `code` says what it was, `UNKNOWN_OUTCOME` alone leaving open whether it was done. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: RefusalCode;
  /** Who leads, as far as the member that refused knows. */
  readonly leaderHint: NodeId | null;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options);
    this.code = refusal.code;
    this.leaderHint = refusal.leaderHint;
  }
}
