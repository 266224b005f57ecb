import type { NodeId } from "@balsa/core";
import {
  decodeMessage,
  encodeMessage,
  isForwardMessage,
  isHostMessage,
  type GroupMessage,
  type PeerMessage,
} from "@balsa/replica";
import type { Digest } from "../digest/digest.js";
import type { InvariantChecker } from "../invariants/invariantChecker.js";
import type { NetworkObserver } from "../network/simulatedNetwork.js";
import type { WorldContext } from "./worldContext.js";

const TYPE_NUMBERS: Readonly<Record<PeerMessage["type"], number>> = {
  voteRequest: 1,
  voteResponse: 2,
  appendRequest: 3,
  appendAccepted: 4,
  appendRejected: 5,
  heartbeatRequest: 6,
  heartbeatResponse: 7,
  snapshotRequest: 8,
  snapshotResponse: 9,
  readIndexRequest: 10,
  readIndexResponse: 11,
  timeoutNow: 12,
  forwardRequest: 13,
  forwardResponse: 14,
  beacon: 15,
  heartbeatBatch: 16,
};

/** Some messages go through the product's own encoding, so that it is under test, too. */
export function wireRoundTrip(message: GroupMessage, version?: number): GroupMessage {
  return decodeMessage(encodeMessage(message, version));
}

/** Looks at every message, before its receiver does: for the checks, the digest, the watch and the trace. */
export function networkObserver(
  digest: Digest,
  checker: InvariantChecker,
  trace: WorldContext["trace"],
  watch: (() => WorldContext["watch"]) | null,
): NetworkObserver {
  const base: NetworkObserver = {
    onSent(from, _to, { message }) {
      if (!isForwardMessage(message) && !isHostMessage(message)) {
        checker.messageSent(checker.member(from), message);
      }
      addToDigest(digest, 1, message);
    },
    onDelivered(_from, to, { message }) {
      addToDigest(digest, 2, message);
      if (watch !== null) watch()?.delivered(to, message);
    },
  };
  if (trace === null) return base;
  return {
    onSent(from, to, group) {
      base.onSent?.(from, to, group);
      trace({ what: "messageSent", node: from, ...describe(from, to, group.message) });
    },
    onDelivered(from, to, group) {
      base.onDelivered?.(from, to, group);
      trace({ what: "messageDelivered", node: to, ...describe(from, to, group.message) });
    },
    onDropped(from, to, { message }, reason) {
      trace({ what: "messageDropped", node: to, ...describe(from, to, message), reason });
    },
  };
}

function addToDigest(digest: Digest, what: number, message: PeerMessage): void {
  digest.add(what * 16 + TYPE_NUMBERS[message.type]);
  digest.add(message.term);
  switch (message.type) {
    case "appendRequest":
      digest.add(message.previousLogIndex + message.entries.length);
      digest.add(message.commitIndex);
      return;
    case "appendAccepted":
      digest.add(message.matchIndex);
      return;
    case "appendRejected":
      digest.add(message.hintIndex);
      return;
    case "voteRequest":
      digest.add(message.lastLogIndex);
      return;
    case "snapshotRequest":
      digest.add(message.snapshot.index + message.offset);
      return;
    case "forwardRequest":
      digest.add(message.requests.length);
      return;
    case "forwardResponse":
      digest.add(message.responses.length);
      return;
    case "heartbeatBatch":
      digest.add(message.heartbeats.length);
      return;
    default:
      return;
  }
}

function describe(
  from: NodeId,
  to: NodeId,
  message: PeerMessage,
): { from: NodeId; to: NodeId; message: PeerMessage["type"]; term: number; detail: string } {
  return { from, to, message: message.type, term: message.term, detail: detailOf(message) };
}

function detailOf(message: PeerMessage): string {
  switch (message.type) {
    case "voteRequest":
      return `${message.preVote ? "pre-vote, " : ""}last ${message.lastLogIndex} of term ${message.lastLogTerm}`;
    case "voteResponse":
      return `${message.preVote ? "pre-vote " : ""}${message.granted ? "granted" : "refused"}`;
    case "appendRequest":
      return `${message.entries.length} entries after ${message.previousLogIndex}, commit ${message.commitIndex}`;
    case "appendAccepted":
      return `up to ${message.matchIndex}`;
    case "appendRejected":
      return `rejects ${message.rejectedIndex}, may agree up to ${message.hintIndex}`;
    case "heartbeatRequest":
      return `round ${message.round}, commit ${message.commitIndex}${message.mayRest ? ", may rest" : ""}`;
    case "heartbeatResponse":
      return `round ${message.round}${message.resting ? ", rests" : ""}`;
    case "snapshotRequest":
      return `snapshot ${message.snapshot.index}, ${message.data.length} bytes from ${message.offset}`;
    case "snapshotResponse":
      return `snapshot ${message.snapshotIndex}, ${message.failed ? "failed" : `next from ${message.nextOffset}`}`;
    case "readIndexRequest":
      return `read ${message.readId}`;
    case "readIndexResponse":
      return `read ${message.readId}: ${message.index === null ? "refused" : `index ${message.index}`}`;
    case "timeoutNow":
      return "campaign now";
    case "forwardRequest":
      return `${message.requests.length} commands passed on`;
    case "forwardResponse":
      return `${message.responses.length} answers`;
    case "beacon":
      return message.leaving ? "leaving" : "here";
    case "heartbeatBatch":
      return `${message.heartbeats.length} heartbeats`;
  }
}
