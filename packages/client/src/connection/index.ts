export { BadAddressError, formatAddress, isLoopback, parseAddress, type Address } from "./address.js";
export { connectFramed, type Connected, type ConnectOptions } from "./connectFramed.js";
export { ConnectionError } from "./connectionError.js";
export { FramedRequests, type FramedRequestsOptions } from "./framedRequests.js";
export { FramedConnection, type FramedConnectionLimits } from "./framedConnection.js";
export { FramedServer, InsecureListenError, type CallerRefusal, type ListenOptions } from "./framedServer.js";
export { TlsContext, TlsFilesError, type Certificates } from "./tlsContext.js";
export type { TlsFiles } from "./tlsFiles.js";
