import { describeInvalidConfiguration, MAX_ID_LENGTH } from "./configurationChange.js";
import { MAX_TERM } from "./roles.js";

/** Indexes beyond this are refused, so that arithmetic on them stays exact. */
export const MAX_INDEX = 2 ** 52;

type Fields = Readonly<Record<string, unknown>>;

/** What is malformed in a message from outside, or null. Says nothing of whether it fits the receiver's state. */
export function describeMalformedMessage(message: unknown): string | null {
  if (typeof message !== "object" || message === null) return "it is not an object";
  const fields = message as Fields;
  if (!isId(fields["from"]) || !isId(fields["to"])) return "its sender or receiver is no name";
  if (!isTerm(fields["term"]) || fields["term"] === 0) return "its term is out of bounds";
  switch (fields["type"]) {
    case "voteRequest":
      return describeVoteRequest(fields);
    case "voteResponse":
      return areBooleans(fields["preVote"], fields["granted"]) ? null : "its vote is not true or false";
    case "appendRequest":
      return describeAppendRequest(fields);
    case "appendAccepted":
      return isIndex(fields["matchIndex"]) ? null : "its match index is out of bounds";
    case "appendRejected":
      return describeAppendRejected(fields);
    case "heartbeatRequest":
      if (!isIndex(fields["commitIndex"]) || !isCount(fields["round"])) {
        return "its commit index or round is out of bounds";
      }
      return areBooleans(fields["mayRest"]) ? null : "a flag is not true or false";
    case "heartbeatResponse":
      if (!isCount(fields["round"])) return "its round is out of bounds";
      return areBooleans(fields["resting"]) ? null : "a flag is not true or false";
    case "snapshotRequest":
      return describeSnapshotRequest(fields);
    case "snapshotResponse":
      return describeSnapshotResponse(fields);
    case "readIndexRequest":
      return isCount(fields["readId"]) ? null : "its read id is out of bounds";
    case "readIndexResponse":
      if (fields["index"] !== null && !isIndex(fields["index"])) return "its read index is out of bounds";
      return isCount(fields["readId"]) ? null : "its read id is out of bounds";
    case "timeoutNow":
      return null;
    default:
      return "its type is unknown";
  }
}

function describeVoteRequest(fields: Fields): string | null {
  if (!areBooleans(fields["preVote"], fields["leadershipTransfer"])) return "a flag is not true or false";
  if (!isIndex(fields["lastLogIndex"]) || !isTerm(fields["lastLogTerm"])) return "its last entry is out of bounds";
  return fields["lastLogTerm"] <= (fields["term"] as number) ? null : "its log is of a later term than itself";
}

function describeAppendRequest(fields: Fields): string | null {
  const { previousLogIndex, previousLogTerm, entries, commitIndex, term } = fields as {
    [name: string]: unknown;
    previousLogIndex: number;
    previousLogTerm: number;
    term: number;
  };
  if (!isIndex(previousLogIndex) || !isTerm(previousLogTerm)) return "the entry before is out of bounds";
  if ((previousLogIndex === 0) !== (previousLogTerm === 0)) return "the entry before has an index or a term, not both";
  if (!isIndex(commitIndex)) return "its commit index is out of bounds";
  if (!Array.isArray(entries)) return "its entries are no list";
  let index = previousLogIndex;
  let entryTerm = previousLogTerm;
  for (const entry of entries as readonly unknown[]) {
    index += 1;
    const reason = describeMalformedEntry(entry, index, entryTerm);
    if (reason !== null) return reason;
    entryTerm = (entry as { term: number }).term;
  }
  return entryTerm <= term && isIndex(index) ? null : "an entry is of a later term than the message";
}

/** Entries must follow each other without a gap, in terms that never fall. */
function describeMalformedEntry(entry: unknown, index: number, leastTerm: number): string | null {
  if (typeof entry !== "object" || entry === null) return "an entry is not an object";
  const fields = entry as Fields;
  if (fields["index"] !== index) return `its entries are not contiguous at ${index}`;
  if (!isTerm(fields["term"]) || fields["term"] < Math.max(leastTerm, 1)) return "the term of an entry falls";
  if (!(fields["data"] instanceof Uint8Array)) return "the data of an entry are not bytes";
  const configuration = fields["configuration"];
  switch (fields["kind"]) {
    case "command":
      return configuration === null ? null : "a command has a configuration";
    case "noop":
      return configuration === null && fields["data"].length === 0 ? null : "a no-op has contents";
    case "configuration":
      if (fields["data"].length > 0) return "a configuration entry has data";
      return describeInvalidConfiguration(configuration);
    default:
      return "an entry is of an unknown kind";
  }
}

function describeAppendRejected(fields: Fields): string | null {
  const { rejectedIndex, hintIndex, hintTerm } = fields;
  if (!isIndex(rejectedIndex) || !isIndex(hintIndex) || !isTerm(hintTerm)) return "its hint is out of bounds";
  return null;
}

function describeSnapshotRequest(fields: Fields): string | null {
  const { snapshot, offset, data, term } = fields;
  if (typeof snapshot !== "object" || snapshot === null) return "its snapshot is not described";
  const described = snapshot as Fields;
  if (!isIndex(described["index"]) || described["index"] === 0) return "the snapshot's index is out of bounds";
  if (!isTerm(described["term"]) || described["term"] === 0) return "the snapshot's term is out of bounds";
  if (described["term"] > (term as number)) return "the snapshot is of a later term than the message";
  if (!isCount(described["sizeBytes"]) || !isCount(described["checksum"]))
    return "the snapshot's size is out of bounds";
  if (!isCount(offset) || !(data instanceof Uint8Array)) return "the chunk is out of bounds";
  const end = offset + data.length;
  if (end > described["sizeBytes"]) return "the chunk reaches beyond the snapshot";
  if (data.length === 0 && described["sizeBytes"] !== 0) return "the chunk is empty";
  return describeInvalidConfiguration(described["configuration"]);
}

function describeSnapshotResponse(fields: Fields): string | null {
  if (typeof fields["failed"] !== "boolean") return "a flag is not true or false";
  return isIndex(fields["snapshotIndex"]) && isCount(fields["nextOffset"]) ? null : "its offset is out of bounds";
}

function isId(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_ID_LENGTH;
}

function isTerm(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < MAX_TERM;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INDEX;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areBooleans(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "boolean");
}
