import type { ReadIndexRequest, ReadIndexResponse } from "@balsa/core";
import { decodeFlag, encodeFlag, type BodyCodec } from "./bodyCodec.js";

export const readIndexRequestCodec: BodyCodec<ReadIndexRequest> = {
  tag: 10,
  encode(writer, message) {
    writer.uint(message.readId);
  },
  decode(reader, from, to, term) {
    return { type: "readIndexRequest", from, to, term, readId: reader.uint() };
  },
};

export const readIndexResponseCodec: BodyCodec<ReadIndexResponse> = {
  tag: 11,
  encode(writer, message) {
    writer.uint(message.readId);
    encodeFlag(writer, message.index !== null);
    if (message.index !== null) writer.uint(message.index);
  },
  decode(reader, from, to, term) {
    const readId = reader.uint();
    const index = decodeFlag(reader) ? reader.uint() : null;
    return { type: "readIndexResponse", from, to, term, readId, index };
  },
};
