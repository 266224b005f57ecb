export { MAX_ADDRESS_BYTES, MAX_ADDRESSES, type AddressChange } from "./addressBook.js";
export { ClusterClock } from "./clusterClock.js";
export { decodeEnvelope, encodeEnvelope, MAX_ENVELOPE_OVERHEAD_BYTES, type Envelope } from "./envelope.js";
export { SessionedMachine, type AppliedResult, type SessionRefusalCode } from "./sessionedMachine.js";
export { DEFAULT_SESSION_OPTIONS, completeSessionOptions, type SessionOptions } from "./sessionOptions.js";
export { SessionTable, type Admission } from "./sessionTable.js";
export { SnapshotHeadReader, type SnapshotHead } from "./snapshotHead.js";
