import type { HeartbeatRequest, HeartbeatResponse, NodeId } from "@balsa/core";
import type { PeerMessage } from "../network.js";

interface Addressed {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Processes have no term: always 0. */
  readonly term: number;
}

/** A process says that it runs, on behalf of all groups whose members are on both sides. */
export interface Beacon extends Addressed {
  readonly type: "beacon";
  /** Drawn anew by each process, so that one that has been replaced in no time is noticed. */
  readonly incarnation: number;
  /** It is about to end, and leads nothing from now on. */
  readonly leaving: boolean;
}

/** A heartbeat, or the answer to one, of one group. */
export interface GroupHeartbeat {
  readonly group: number;
  readonly message: HeartbeatRequest | HeartbeatResponse;
}

/** The heartbeats of many groups that go the same way at the same time. */
export interface HeartbeatBatch extends Addressed {
  readonly type: "heartbeatBatch";
  /** All between the same two processes. */
  readonly heartbeats: readonly GroupHeartbeat[];
}

/** What processes that host many groups say to each other, in the group of the hosts themselves. */
export type HostMessage = Beacon | HeartbeatBatch;

/** The number that no group of members has. */
export const HOST_GROUP = 0;

export function isHostMessage(message: PeerMessage): message is HostMessage {
  return message.type === "beacon" || message.type === "heartbeatBatch";
}
