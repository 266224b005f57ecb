import type { Entry, RaftState } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeEntry, encodeEntry } from "../encoding/entryCodec.js";

/**
 * Puts a member's whole state behind what has been written: as JSON with sorted keys, so that equal states have equal bytes,
 * and the log's entries, which are most of it, in their own form.
 */
export function encodeCheckpoint(writer: ByteWriter, state: RaftState): void {
  const { log, ...rest } = state;
  writer.text(JSON.stringify(plain({ ...rest, log: { ...log, entries: [] } })));
  writer.uint(log.entries.length);
  for (const entry of log.entries) encodeEntry(writer, entry);
}

/** @throws DecodeError */
export function decodeCheckpoint(reader: ByteReader): RaftState {
  const at = reader.offset;
  let state: RaftState;
  try {
    state = revive(JSON.parse(reader.text(reader.remaining))) as RaftState;
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError("the state is no JSON", at);
  }
  const entries: Entry[] = [];
  const count = reader.uint();
  for (let i = 0; i < count; i++) entries.push(decodeEntry(reader));
  state.log.entries = entries;
  return state;
}

/** What JSON knows nothing of, as objects with one name that no state has. */
function plain(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: Array.from(value) };
  if (Array.isArray(value)) return value.map(plain);
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, plain((value as Record<string, unknown>)[name])]));
}

function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  if ("$number" in value) return Number(value.$number);
  if ("$bytes" in value) return Uint8Array.from(value.$bytes as number[]);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, revive(item)]));
}
