export { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES } from "./messageCodec.js";
export { MAX_MESSAGE_ENTRIES } from "./replicationCodec.js";
export type { ClientRequest, ClientRequestBody, ClientResponse, ClientResponseBody } from "./clientProtocol.js";
export {
  decodeClientRequest,
  decodeClientResponse,
  encodeClientRequest,
  encodeClientResponse,
  MAX_CLIENT_PAYLOAD_BYTES,
} from "./clientCodec.js";
export {
  FRAME_HEADER_BYTES,
  FrameDecoder,
  FrameError,
  type FrameErrorCode,
  MAX_FRAME_BYTES,
  writeFrameHeader,
} from "./frame.js";
export {
  commonVersion,
  decodeHello,
  decodeWelcome,
  encodeHello,
  encodeWelcome,
  MAX_PREFACE_BYTES,
  type ConnectionRole,
  type Hello,
  type Welcome,
} from "./preface.js";
export { HOSTING_VERSION, MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "./protocolVersion.js";
