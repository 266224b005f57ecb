import {
  invariant,
  type AppendAccepted,
  type AppendRejected,
  type AppendRequest,
  type Entry,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from "@balsa/core";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeEntry, encodeEntry } from "../encoding/entryCodec.js";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";
import { HOSTING_VERSION } from "./protocolVersion.js";

/** Entries of one append. */
export const MAX_MESSAGE_ENTRIES = 65_536;

export const appendRequestCodec: BodyCodec<AppendRequest> = {
  tag: 3,
  encode(writer, message) {
    const entries = message.entries;
    invariant(entries.length <= MAX_MESSAGE_ENTRIES, `an append holds at most ${String(MAX_MESSAGE_ENTRIES)} entries`);
    writer.uint(message.previousLogIndex);
    writer.uint(message.previousLogTerm);
    writer.uint(message.commitIndex);
    writer.uint(entries.length);
    for (const entry of entries) encodeEntry(writer, entry);
  },
  decode(reader, from, to, term) {
    const previousLogIndex = reader.uint();
    const previousLogTerm = reader.uint();
    const commitIndex = reader.uint();
    const at = reader.offset;
    const count = reader.uint();
    if (count > MAX_MESSAGE_ENTRIES) {
      throw new DecodeError(`${String(count)} entries where ${String(MAX_MESSAGE_ENTRIES)} are allowed`, at);
    }
    // The array grows with what is really there, whatever the count claims.
    const entries: Entry[] = [];
    for (let i = 0; i < count; i++) entries.push(decodeEntry(reader));
    return { type: "appendRequest", from, to, term, previousLogIndex, previousLogTerm, entries, commitIndex };
  },
};

export const appendAcceptedCodec: BodyCodec<AppendAccepted> = {
  tag: 4,
  encode(writer, message) {
    writer.uint(message.matchIndex);
  },
  decode(reader, from, to, term) {
    return { type: "appendAccepted", from, to, term, matchIndex: reader.uint() };
  },
};

export const appendRejectedCodec: BodyCodec<AppendRejected> = {
  tag: 5,
  encode(writer, message) {
    writer.uint(message.rejectedIndex);
    writer.uint(message.hintIndex);
    writer.uint(message.hintTerm);
  },
  decode(reader, from, to, term) {
    const rejectedIndex = reader.uint();
    const hintIndex = reader.uint();
    const hintTerm = reader.uint();
    return { type: "appendRejected", from, to, term, rejectedIndex, hintIndex, hintTerm };
  },
};

export const heartbeatRequestCodec: BodyCodec<HeartbeatRequest> = {
  tag: 6,
  encode(writer, message, version) {
    writer.uint(message.commitIndex);
    writer.uint(message.round);
    if (version >= HOSTING_VERSION) encodeFlag(writer, message.mayRest);
  },
  decode(reader, from, to, term, version) {
    const commitIndex = reader.uint();
    const round = reader.uint();
    const mayRest = version >= HOSTING_VERSION && decodeFlag(reader);
    return { type: "heartbeatRequest", from, to, term, commitIndex, round, mayRest };
  },
};

export const heartbeatResponseCodec: BodyCodec<HeartbeatResponse> = {
  tag: 7,
  encode(writer, message, version) {
    writer.uint(message.round);
    if (version >= HOSTING_VERSION) encodeFlag(writer, message.resting);
  },
  decode(reader, from, to, term, version) {
    const round = reader.uint();
    const resting = version >= HOSTING_VERSION && decodeFlag(reader);
    return { type: "heartbeatResponse", from, to, term, round, resting };
  },
};
