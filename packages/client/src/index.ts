export { InvalidCommandError, RefusedError, type Applied, type RefusalCode } from "@balsa/replica";
export type { CallOptions, ClientReadOptions, RaftClientOptions } from "./clientOptions.js";
export { BadAddressError, ConnectionError, TlsFilesError, type TlsFiles } from "./connection/index.js";
export { KeyValueClient } from "./keyValueClient.js";
export { RaftClient } from "./raftClient.js";
export { SnapshotDownload, type SnapshotDownloadOptions } from "./snapshotDownload.js";
