import type { ReadRefusal } from "./effects.js";
import type { RaftEvent } from "./event.js";
import type { Message } from "./message.js";
import type { RaftContext } from "./state.js";

export function send(context: RaftContext, message: Message): void {
  context.state.pending.send.push(message);
}

/** For votes and acknowledgements: the message leaves only when all that it promises is durable. */
export function sendAfterPersist(context: RaftContext, message: Message): void {
  context.state.pending.sendAfterPersist.push(message);
}

export function emit(context: RaftContext, event: RaftEvent): void {
  context.state.pending.events.push(event);
}

export function confirmRead(context: RaftContext, readContext: number, index: number): void {
  context.state.pending.reads.push({ context: readContext, index, refusal: null });
}

export function refuseRead(context: RaftContext, readContext: number, refusal: ReadRefusal): void {
  context.state.pending.reads.push({ context: readContext, index: null, refusal });
}
