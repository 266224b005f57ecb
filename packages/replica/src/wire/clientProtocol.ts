import type { SnapshotMetadata } from "@balsa/core";
import type { Applied, Refusal, SessionCommand } from "../outcome.js";
import type { ReplicaReadConsistency } from "../replica/replica.js";

/** What a program that is no member asks of one, in frames behind a preface of the role `client`. */
export type ClientRequest = { readonly requestId: number } & ClientRequestBody;

export type ClientRequestBody =
  | { readonly type: "register" }
  /** `forward`: a member that does not lead passes it on, instead of refusing it with a hint. */
  | {
      readonly type: "propose";
      readonly session: SessionCommand | null;
      readonly command: Uint8Array;
      readonly forward: boolean;
    }
  | { readonly type: "closeSession"; readonly sessionId: number }
  | { readonly type: "read"; readonly consistency: ReplicaReadConsistency; readonly question: Uint8Array }
  /** What operators ask for, rare and small: a JSON document, and one in answer. */
  | { readonly type: "admin"; readonly json: string }
  /** Captures the state for this connection, in place of what it had captured before. */
  | { readonly type: "snapshot"; readonly consistency: ReplicaReadConsistency }
  /** The next bytes of it, about so many. */
  | { readonly type: "snapshotChunk"; readonly maxBytes: number };

export type ClientResponse = { readonly requestId: number } & ClientResponseBody;

export type ClientResponseBody =
  | { readonly type: "registered"; readonly sessionId: number }
  | { readonly type: "applied"; readonly applied: Applied }
  | { readonly type: "closed" }
  | { readonly type: "answer"; readonly answer: Uint8Array }
  | { readonly type: "admin"; readonly json: string }
  | { readonly type: "snapshot"; readonly description: Omit<SnapshotMetadata, "sizeBytes" | "checksum"> }
  /** Empty: that was all, and the capture is released. */
  | { readonly type: "snapshotChunk"; readonly data: Uint8Array }
  /** `leaderAddress`: where the leader that the refusal hints at is to be reached, if that is known. */
  | { readonly type: "refused"; readonly refusal: Refusal; readonly leaderAddress: string | null };
