import { setFlagsFromString } from "node:v8";
import type { MemberOptions } from "@balsa/node";
import { KeyValueMachine } from "@balsa/replica";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { readTlsFlags, type TlsFlags } from "../tlsFlags.js";
import { badArgument, UsageError } from "../usageError.js";

export interface ServeFlags extends TlsFlags {
  readonly id: string;
  readonly data: string;
  readonly listen: string;
  readonly members: Readonly<Record<string, string>>;
  readonly join?: true;
  readonly cluster: string;
  readonly advertise?: string;
  readonly insecure?: true;
  readonly http?: string;
  readonly electionTimeout?: number;
  readonly heartbeatInterval?: number;
  readonly leaseReads?: true;
  readonly snapshotEvery?: number;
  readonly segmentSize?: number;
  readonly protocolVersion?: number;
  readonly record?: string;
  readonly recordSize?: number;
  readonly untilStdinEnds?: true;
}

/** Errors of what was asked for, rather than of this program: the message says all that there is to say. */
const PLAIN_ERRORS = new Set(["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND"]);

/** Runs one durable key-value member until it is told to stop. Gives the exit status. */
export async function serve(flags: ServeFlags, io: CommandIo): Promise<number> {
  const [{ RaftNode }, { nodeLog }, { NodeHttpServer }] = await Promise.all([
    import("@balsa/node"),
    import("./nodeLog.js"),
    import("./httpServer.js"),
  ]);
  if (flags.recordSize !== undefined && flags.record === undefined) {
    throw badArgument("--record-size", String(flags.recordSize), "given together with --record");
  }
  const terminated = io.terminated();
  const logger = nodeLog(flags.id, io);
  keepYoungGenerationSmall();
  let node: Awaited<ReturnType<typeof openNode>>;
  try {
    node = await openNode();
  } catch (error) {
    throw asUsageError(error);
  }
  function openNode() {
    return RaftNode.open({ ...memberOptions(flags), logger, bytesStateMachine: new KeyValueMachine() });
  }
  let http: Awaited<ReturnType<typeof NodeHttpServer.listen>> | null = null;
  try {
    if (flags.http !== undefined) {
      const told = {
        status: () => node.status(),
        metrics: () => node.metrics(),
        ready: (timeoutMs: number) => node.ready({ timeoutMs }),
      };
      http = await NodeHttpServer.listen(told, { listen: flags.http, insecure: flags.insecure === true });
    }
  } catch (error) {
    await node.close();
    throw asUsageError(error);
  }
  const beside = http === null ? "" : `, HTTP at ${http.address}`;
  await write(io.stdout, `${flags.id} serves at ${node.address}${beside}\n`);
  const reasons: Promise<Error | null | "terminated">[] = [node.stopped, whenAborted(terminated)];
  if (flags.untilStdinEnds === true) reasons.push(whenEnded(io.stdin));
  const reason = await Promise.race(reasons);
  if (reason === "terminated") {
    logger.info({}, "closing: handing over, finishing what waits");
    await node.close();
  }
  await http?.close();
  if (!(reason instanceof Error)) return EXIT.ok;
  await write(io.stderr, `balsa: ${flags.id} has stopped: ${reason.message}\n`);
  return EXIT.failed;
}

/**
 * What a member allocates lives for a moment, or until the log is compacted: a young generation that has grown to 32 MiB
 * only keeps buffers that are long dead. For a process that is a member and nothing else.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

function memberOptions(flags: ServeFlags): MemberOptions {
  const tls = readTlsFlags(flags);
  const { electionTimeout, heartbeatInterval, snapshotEvery, segmentSize, record, recordSize } = flags;
  const { protocolVersion } = flags;
  return {
    id: flags.id,
    dataDirectory: flags.data,
    listen: flags.listen,
    members: flags.members,
    clusterId: flags.cluster,
    join: flags.join === true,
    insecure: flags.insecure === true,
    ...(flags.advertise === undefined ? {} : { advertise: flags.advertise }),
    ...(tls === null ? {} : { tls }),
    ...(protocolVersion === undefined ? {} : { protocolVersion }),
    raft: {
      ...(electionTimeout === undefined ? {} : { electionTimeoutMs: electionTimeout }),
      leaseReads: flags.leaseReads === true,
      ...(heartbeatInterval === undefined ? {} : { heartbeatIntervalMs: heartbeatInterval }),
    },
    ...(record === undefined
      ? {}
      : { record: { directory: record, ...(recordSize === undefined ? {} : { maxBytes: recordSize }) } }),
    limits: {
      ...(snapshotEvery === undefined ? {} : { snapshotEveryBytes: snapshotEvery }),
      ...(segmentSize === undefined ? {} : { segmentBytes: segmentSize }),
    },
  };
}

/** Whatever keeps a node from opening has a code and says what to do; what has none is a fault of ours. */
function asUsageError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  const code = "code" in error ? String(error.code) : "";
  const isOurs = code !== "" && !code.startsWith("E") && !code.startsWith("ERR_");
  if (!isOurs && !PLAIN_ERRORS.has(code)) return error;
  const message = error.message.replace("`insecure`", "--insecure").replace(`listen ${code}: `, "");
  return new UsageError("FILE_ERROR", `${code}: ${message}`, {}, { cause: error });
}

/** Whoever holds the other end of the pipe is gone, however that came about. */
async function whenEnded(stdin: AsyncIterable<Uint8Array>): Promise<"terminated"> {
  try {
    for await (const _ of stdin);
  } catch {
    // A pipe that broke has ended, too.
  }
  return "terminated";
}

function whenAborted(signal: AbortSignal): Promise<"terminated"> {
  return new Promise((resolve) => {
    const end = (): void => resolve("terminated");
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
