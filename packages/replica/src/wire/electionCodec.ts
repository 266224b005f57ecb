import type { TimeoutNow, VoteRequest, VoteResponse } from "@balsa/core";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";

export const voteRequestCodec: BodyCodec<VoteRequest> = {
  tag: 1,
  encode(writer, message) {
    encodeFlag(writer, message.preVote);
    encodeFlag(writer, message.leadershipTransfer);
    writer.uint(message.lastLogIndex);
    writer.uint(message.lastLogTerm);
  },
  decode(reader, from, to, term) {
    const preVote = decodeFlag(reader);
    const leadershipTransfer = decodeFlag(reader);
    const lastLogIndex = reader.uint();
    const lastLogTerm = reader.uint();
    return { type: "voteRequest", from, to, term, preVote, leadershipTransfer, lastLogIndex, lastLogTerm };
  },
};

export const voteResponseCodec: BodyCodec<VoteResponse> = {
  tag: 2,
  encode(writer, message) {
    encodeFlag(writer, message.preVote);
    encodeFlag(writer, message.granted);
  },
  decode(reader, from, to, term) {
    const preVote = decodeFlag(reader);
    const granted = decodeFlag(reader);
    return { type: "voteResponse", from, to, term, preVote, granted };
  },
};

export const timeoutNowCodec: BodyCodec<TimeoutNow> = {
  tag: 12,
  encode() {
    // It says all it has to say by being there.
  },
  decode(_reader, from, to, term) {
    return { type: "timeoutNow", from, to, term };
  },
};
