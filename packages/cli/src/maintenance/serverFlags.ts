import type { Command } from "commander";
import { parseDuration } from "../duration.js";
import { badArgument, UsageError } from "../usageError.js";

/** How to reach members that run. */
export interface ServerFlags {
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly timeout: number;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: true;
}

export function withServers(command: Command, timeout: string): Command {
  return command
    .requiredOption("--servers <list>", "HOST:PORT of some members, with commas between", readServers)
    .option("--cluster <name>", "the cluster's name", "balsa")
    .option(
      "--timeout <time>",
      `how long to wait for an answer (default: ${timeout})`,
      (text) => parseDuration(text, "--timeout"),
      parseDuration(timeout, "--timeout"),
    )
    .option("--tls-ca <file>", "PEM: whose certificates are trusted")
    .option("--tls-cert <file>", "PEM: the client's certificate")
    .option("--tls-key <file>", "PEM: the key of that")
    .option("--json", "one JSON document");
}

/** @throws UsageError unless all three files for TLS are given, or none */
export function tlsOf({ tlsCa: ca, tlsCert: cert, tlsKey: key }: ServerFlags): {
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
} {
  if (ca === undefined && cert === undefined && key === undefined) return {};
  if (ca !== undefined && cert !== undefined && key !== undefined) return { tls: { ca, cert, key } };
  throw new UsageError("BAD_ARGUMENT", "--tls-ca, --tls-cert and --tls-key go together; give all three.", {
    argument: "--tls-ca",
  });
}

function readServers(text: string): readonly string[] {
  const servers = text.split(",").map((server) => server.trim());
  if (servers.every((server) => /^\S+:\d{1,5}$/u.test(server))) return servers;
  throw badArgument("--servers", text, "a list such as HOST:PORT,HOST:PORT");
}
