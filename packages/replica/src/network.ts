import type { Message, NodeId } from "@balsa/core";
import type { ForwardMessage } from "./forwarding/forwardMessage.js";
import type { HostMessage } from "./host/hostMessage.js";

/** What members say to each other: the core's messages, requests of clients that one passes on, and what hosts say. */
export type PeerMessage = Message | ForwardMessage | HostMessage;

/** A message in its group: one connection and one log serve many groups. */
export interface GroupMessage {
  readonly group: number;
  readonly message: PeerMessage;
}

/**
 * Carries messages between members: it may lose, delay, repeat and reorder them, but never alters one. Sending does not
 * block: where a queue is full the message is dropped, for Raft sends again.
 */
export interface Network {
  send(to: NodeId, message: GroupMessage): void;
  /** Names who gets the messages that arrive; null for nobody. */
  onMessage(handler: ((message: GroupMessage) => void) | null): void;
}
