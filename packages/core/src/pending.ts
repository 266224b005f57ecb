import type { Effects, Persist, ReadRefusal } from "./effects.js";
import type { Entry } from "./entry.js";
import type { RaftEvent } from "./event.js";
import type { Message } from "./message.js";
import type { RaftContext, RaftState } from "./state.js";

/** Stands for every list without elements, of which most effects have several. */
const NOTHING: readonly never[] = [];

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

/** Takes what has gathered, and begins anew. Lists that nothing was put on are kept for the next time. */
export function takePending(
  state: RaftState,
  persist: Persist | null,
  sendAfterPosition: number,
  apply: readonly Entry[],
): Effects {
  const { pending } = state;
  const { send, sendAfterPersist, reads, snapshotReads, snapshotWrites, events } = pending;
  if (send.length > 0) pending.send = [];
  if (sendAfterPersist.length > 0) pending.sendAfterPersist = [];
  if (reads.length > 0) pending.reads = [];
  if (snapshotReads.length > 0) pending.snapshotReads = [];
  if (snapshotWrites.length > 0) pending.snapshotWrites = [];
  if (events.length > 0) pending.events = [];
  return {
    persist,
    send: send.length === 0 ? NOTHING : send,
    sendAfterPersist: sendAfterPersist.length === 0 ? NOTHING : sendAfterPersist,
    sendAfterPosition,
    apply,
    reads: reads.length === 0 ? NOTHING : reads,
    snapshotReads: snapshotReads.length === 0 ? NOTHING : snapshotReads,
    snapshotWrites: snapshotWrites.length === 0 ? NOTHING : snapshotWrites,
    events: events.length === 0 ? NOTHING : events,
  };
}
