import { KeyValueClient, RaftClient, type RaftClientOptions } from "@balsa/client";
import { UsageError } from "../usageError.js";

/** How to get at a cluster; the same for all commands that do. */
export interface ConnectionFlags {
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly timeout: number;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: true;
}

export function clientOptions(flags: ConnectionFlags, servers = flags.servers): RaftClientOptions {
  const { tlsCa: ca, tlsCert: cert, tlsKey: key } = flags;
  const tls = ca === undefined || cert === undefined || key === undefined ? {} : { tls: { ca, cert, key } };
  return { servers, clusterId: flags.cluster, name: "balsa command", requestTimeoutMs: flags.timeout, ...tls };
}

/** @throws UsageError */
export function openKeyValueClient(flags: ConnectionFlags): KeyValueClient {
  return new KeyValueClient(openClient(flags));
}

/** @throws UsageError where an address or a file for TLS is no such thing */
export function openClient(flags: ConnectionFlags, servers = flags.servers): RaftClient {
  try {
    return RaftClient.connect(clientOptions(flags, servers));
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new UsageError("BAD_ARGUMENT", cause.message, { argument: "--servers" }, { cause });
  }
}
