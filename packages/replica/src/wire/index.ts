export { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, PROTOCOL_VERSION } from "./messageCodec.js";
export { MAX_MESSAGE_ENTRIES } from "./replicationCodec.js";
