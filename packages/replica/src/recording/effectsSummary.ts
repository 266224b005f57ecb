import type { Effects, Message, Raft } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";

/**
 * What a member wanted done, and where it stood then, in numbers that are cheap to take: where the same inputs lead to
 * something else, one of them nearly always differs at once.
 */
export const SUMMARY_FIELDS = [
  "term",
  "commitIndex",
  "lastLogIndex",
  /** 0 where nothing is to be made durable. */
  "persistPosition",
  "truncateFrom",
  "entries",
  "messages",
  "promises",
  "promisePosition",
  /** The last entry to be applied; 0 where there is none. */
  "applyThrough",
  "reads",
  "snapshotReads",
  "snapshotWrites",
  "events",
  /** Over all numbers in all messages, their kinds and receivers. */
  "messagesHash",
] as const;

export type EffectsSummary = Readonly<Record<(typeof SUMMARY_FIELDS)[number], number>>;

export function summarizeEffects(raft: Raft, effects: Effects): EffectsSummary {
  const { persist, send, sendAfterPersist, apply } = effects;
  return {
    term: raft.term,
    commitIndex: raft.commitIndex,
    lastLogIndex: raft.lastLogIndex,
    persistPosition: persist?.position ?? 0,
    truncateFrom: persist?.truncateFrom ?? 0,
    entries: persist?.entries.length ?? 0,
    messages: send.length,
    promises: sendAfterPersist.length,
    promisePosition: effects.sendAfterPosition,
    applyThrough: apply[apply.length - 1]?.index ?? 0,
    reads: effects.reads.length,
    snapshotReads: effects.snapshotReads.length,
    snapshotWrites: effects.snapshotWrites.length,
    events: effects.events.length,
    messagesHash: hashMessages(sendAfterPersist, hashMessages(send, 0)),
  };
}

export function encodeSummary(writer: ByteWriter, summary: EffectsSummary): void {
  for (const field of SUMMARY_FIELDS) writer.uint(summary[field]);
}

/** @throws DecodeError */
export function decodeSummary(reader: ByteReader): EffectsSummary {
  const summary: Record<string, number> = {};
  for (const field of SUMMARY_FIELDS) summary[field] = reader.uint();
  return summary as EffectsSummary; // every field is there
}

function hashMessages(messages: readonly Message[], seed: number): number {
  let hash = seed;
  for (const message of messages) {
    for (const value of Object.values(message as object)) hash = mix(hash, numberOf(value));
  }
  return hash;
}

/** Of a text, what tells kinds of messages and receivers apart well enough. */
function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return value.length * 128 + value.charCodeAt(value.length - 1);
  return value === true ? 1 : 0;
}

/** FNV-1a's step, over the two halves of a number. */
function mix(hash: number, n: number): number {
  const low = Math.imul(hash ^ (n % 0x1_0000_0000), 0x01000193);
  return Math.imul(low ^ Math.floor(n / 0x1_0000_0000), 0x01000193) >>> 0;
}
