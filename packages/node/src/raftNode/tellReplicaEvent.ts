import type { NodeId } from "@balsa/core";
import type { ReplicaEvent } from "@balsa/replica";
import type { Logger } from "./logger.js";

/** Puts into the log what an operator wants to know of; of role changes see `RoleLog`. */
export function tellReplicaEvent(logger: Logger, id: NodeId, event: ReplicaEvent): void {
  switch (event.type) {
    case "leaderElected":
      logger.info(
        { leader: event.leader, term: event.term },
        `${event.leader === id ? "this member" : event.leader} leads term ${event.term}`,
      );
      return;
    case "configurationChanged":
      logger.info({ index: event.index, configuration: event.configuration }, "the membership has changed");
      return;
    case "recovered":
      logger.info(
        { lastLogIndex: event.lastLogIndex, snapshotIndex: event.snapshotIndex, tornBytes: event.tornBytes },
        `recovered up to entry ${event.lastLogIndex}${event.tornBytes > 0 ? `; cut off ${event.tornBytes} bytes that a crash had left unfinished` : ""}`,
      );
      return;
    case "snapshotTaken":
    case "snapshotInstalled":
      logger.info(
        { index: event.index },
        `${event.type === "snapshotTaken" ? "took" : "installed"} a snapshot at entry ${event.index}`,
      );
      return;
    case "snapshotSent":
      logger.info({ to: event.to, index: event.index }, `sent ${event.to} the snapshot at entry ${event.index}`);
      return;
    case "leadershipTransferStarted":
      logger.info({ to: event.to }, `handing leadership to ${event.to}`);
      return;
    case "leadershipTransferEnded":
      logger.info(
        { to: event.to, succeeded: event.succeeded },
        `leadership was ${event.succeeded ? "" : "not "}handed to ${event.to}`,
      );
      return;
    case "followerLostEntries":
      logger.error(
        { peer: event.id },
        `${event.id} has lost entries that it had acknowledged: look at its disk, and replace it`,
      );
      return;
    case "messageRefused":
      logger.warn({ peer: event.from, reason: event.reason }, `refused a message from ${event.from}: ${event.reason}`);
      return;
    case "diskFull":
      if (event.full) logger.error({}, "the disk is full: this member takes no more proposals. Make room on it");
      else logger.info({}, "there is room on the disk again");
      return;
    case "addressChanged":
      logger.info(
        { member: event.id, address: event.address },
        `${event.id} is at ${event.address ?? "no known address"}`,
      );
      return;
    case "logTruncated":
      logger.debug({ fromIndex: event.fromIndex }, "cut off entries that were never committed");
      return;
    default:
  }
}
