import type { NodeId } from "@balsa/core";
import type { PeerMessage } from "../network.js";
import type { Outcome, SessionCommand } from "../outcome.js";

/** What a client may ask to be put into the log, before the leader stamps the time on it. */
export type ForwardedCommand =
  | { readonly kind: "plain"; readonly payload: Uint8Array }
  | { readonly kind: "command"; readonly session: SessionCommand; readonly payload: Uint8Array }
  | { readonly kind: "register" }
  | { readonly kind: "close"; readonly sessionId: number }
  /** Where a member is to be reached from now on; null: forget it. */
  | { readonly kind: "address"; readonly id: NodeId; readonly address: string | null };

/** What came of it: the index and term of its entry, and what the state machine answered (empty for other kinds). */
export interface ForwardedResult {
  readonly result: Uint8Array;
  readonly index: number;
  readonly term: number;
  readonly duplicate: boolean;
}

interface Addressed {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term, for whoever observes; nothing follows from it. */
  readonly term: number;
}

/** Commands that a member which does not lead passes on to the one that it takes for the leader. */
export interface ForwardRequest extends Addressed {
  readonly type: "forwardRequest";
  /** Each with an id that its sender never uses again while it runs. */
  readonly requests: readonly { readonly id: number; readonly command: ForwardedCommand }[];
}

export interface ForwardResponse extends Addressed {
  readonly type: "forwardResponse";
  readonly responses: readonly { readonly id: number; readonly outcome: Outcome<ForwardedResult> }[];
}

export type ForwardMessage = ForwardRequest | ForwardResponse;

/** Whatever a network brings. Fields have the types that the wire's decoding gives them; for the core's, the core sees to it. */
export function isForwardMessage(message: PeerMessage): message is ForwardMessage {
  const { type } = (message ?? {}) as Partial<PeerMessage>;
  return type === "forwardRequest" || type === "forwardResponse";
}
