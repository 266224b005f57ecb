import type { NodeId } from "@balsa/core";
import type { ReplicaEvent } from "@balsa/replica";
import type { WorldContext } from "./worldContext.js";

/** What stands for an event in the digest. */
const EVENT_NUMBERS: Readonly<Record<ReplicaEvent["type"], number>> = {
  roleChanged: 101,
  termChanged: 102,
  leaderElected: 103,
  entriesCommitted: 104,
  applied: 105,
  configurationChanged: 106,
  configurationCommitted: 107,
  snapshotTaken: 108,
  snapshotInstalled: 109,
  snapshotSent: 110,
  logTruncated: 111,
  leadershipTransferStarted: 112,
  leadershipTransferEnded: 113,
  messageRefused: 114,
  sessionExpired: 115,
  recovered: 116,
  followerLostEntries: 117,
  stopped: 118,
  addressChanged: 119,
  diskFull: 120,
};

/** Puts what a replica tells of itself into the digest and the trace. */
export function noteReplicaEvent(world: WorldContext, node: NodeId, event: ReplicaEvent): void {
  const { digest, trace } = world;
  digest.add(EVENT_NUMBERS[event.type]);
  switch (event.type) {
    case "roleChanged":
      digest.add(event.term);
      trace?.({ what: "roleChanged", node, role: event.role, term: event.term, reason: event.reason });
      return;
    case "termChanged":
      trace?.({ what: "termChanged", node, term: event.term });
      return;
    case "leaderElected":
      if (event.leader === node) trace?.({ what: "leaderElected", node, term: event.term });
      return;
    case "entriesCommitted":
      digest.add(event.commitIndex);
      trace?.({ what: "committed", node, commitIndex: event.commitIndex });
      return;
    case "applied":
      digest.add(event.toIndex);
      trace?.({ what: "applied", node, fromIndex: event.fromIndex, toIndex: event.toIndex });
      return;
    case "configurationChanged":
    case "configurationCommitted": {
      digest.add(event.index);
      const { voters, votersOutgoing, learners } = event.configuration;
      trace?.({ what: event.type, node, index: event.index, voters, votersOutgoing, learners });
      return;
    }
    case "snapshotTaken":
    case "snapshotInstalled":
      digest.add(event.index);
      trace?.({ what: event.type, node, index: event.index });
      return;
    case "logTruncated":
      digest.add(event.fromIndex);
      trace?.({ what: "logTruncated", node, fromIndex: event.fromIndex });
      return;
    case "leadershipTransferStarted":
      trace?.({ what: "leadershipTransfer", node, to: event.to, succeeded: null });
      return;
    case "leadershipTransferEnded":
      trace?.({ what: "leadershipTransfer", node, to: event.to, succeeded: event.succeeded });
      return;
    case "messageRefused":
      trace?.({ what: "messageRefused", node, from: event.from, reason: event.reason });
      return;
    case "sessionExpired":
      trace?.({ what: "sessionExpired", node, sessionId: event.sessionId });
      return;
    case "recovered":
      digest.add(event.lastLogIndex);
      trace?.({ what: "started", node, lastLogIndex: event.lastLogIndex, tornBytes: event.tornBytes });
      return;
    case "followerLostEntries":
    case "snapshotSent":
    case "addressChanged":
    case "diskFull":
    case "stopped":
      return;
  }
}
