import { KeyValueClient, RaftClient, type RaftClientOptions } from "@balsa/client";
import { readTlsFlags, type TlsFlags } from "../tlsFlags.js";
import { UsageError } from "../usageError.js";

/** How to get at a cluster; the same for all commands that do. */
export interface ConnectionFlags extends TlsFlags {
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly group?: number;
  readonly timeout: number;
  readonly json?: true;
}

function clientOptions(flags: ConnectionFlags, servers: readonly string[]): RaftClientOptions {
  const tls = readTlsFlags(flags);
  return {
    servers,
    clusterId: flags.cluster,
    ...(flags.group === undefined ? {} : { group: flags.group }),
    name: "balsa command",
    requestTimeoutMs: flags.timeout,
    ...(tls === null ? {} : { tls }),
  };
}

/** @throws UsageError */
export function openKeyValueClient(flags: ConnectionFlags, servers = flags.servers): KeyValueClient {
  return new KeyValueClient(openClient(flags, servers));
}

/** @throws UsageError where an address or a file for TLS is no such thing */
export function openClient(flags: ConnectionFlags, servers = flags.servers): RaftClient {
  const options = clientOptions(flags, servers);
  try {
    return RaftClient.connect(options);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const argument = cause.name === "TlsFilesError" ? "--tls-ca" : "--servers";
    throw new UsageError("BAD_ARGUMENT", cause.message, { argument }, { cause });
  }
}
