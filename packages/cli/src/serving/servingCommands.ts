import type { Command } from "commander";
import { parseDuration } from "../duration.js";
import type { CommandIo } from "../io.js";
import { badArgument } from "../usageError.js";
import { serve, type ServeFlags } from "./serve.js";
import { up, type UpFlags } from "./up.js";

const SERVE_HELP = `
Without TLS it listens on loopback addresses only, unless --insecure is given.
SIGTERM, SIGHUP and Ctrl-C: hands over leadership, finishes what waits, syncs, ends.

Example, one member of three:
  balsa serve --id a --data ./a --listen 127.0.0.1:7001 \\
    --members a=127.0.0.1:7001,b=127.0.0.1:7002,c=127.0.0.1:7003

Environment:
  BALSA_LOG=info           error, warn, info, debug, trace or silent
  BALSA_LOG_FORMAT=human   human or json (default: json; on a terminal, human)

Exit status:
  0  stopped when told to    1  stopped by a failure    2  could not start
`;

const UP_HELP = `
Members listen on loopback, at ports that are chosen once and kept with the data.

Examples:
  balsa up                              three members, data in ./balsa-data
  balsa up --nodes 5 --data /tmp/five
  BALSA_LOG=info balsa up               with more of what they say

Exit status:
  0  stopped when told to    1  a member had to be killed, or all ended    2  could not start
`;

/** Adds the commands that run members. */
export function addServingCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  program
    .command("serve")
    .description("run one durable key-value member")
    .requiredOption("--id <id>", "the member's name")
    .requiredOption("--data <dir>", "its data directory; made if it is not there")
    .requiredOption("--listen <host:port>", "where it listens, for members and clients alike")
    .requiredOption("--members <list>", "the founders: a=HOST:PORT,b=HOST:PORT,…", readMembers)
    .option("--join", "wait until a running cluster adds this member (balsa member add)")
    .option("--cluster <name>", "keeps clusters apart", "balsa")
    .option("--advertise <host:port>", "where others reach it (default: as in --members)")
    .option("--tls-ca <file>", "PEM: whose certificates are trusted")
    .option("--tls-cert <file>", "PEM: its certificate, which names its id")
    .option("--tls-key <file>", "PEM: the key of that")
    .option("--insecure", "allow other than loopback addresses without TLS")
    .option("--http <host:port>", "serve /livez, /readyz, /metrics and /status there")
    .option("--election-timeout <time>", "default 300ms", readMs("--election-timeout"))
    .option("--heartbeat-interval <time>", "default 100ms", readMs("--heartbeat-interval"))
    .option("--lease-reads", "serve reads with --consistency lease; clocks must run alike to a tenth")
    .option(
      "--snapshot-every <bytes>",
      "bytes of entries between snapshots (default 8388608)",
      readCount("--snapshot-every"),
    )
    .option(
      "--segment-size <bytes>",
      "of the log's files, each written whole before it is used (default 67108864)",
      readCount("--segment-size"),
    )
    .option(
      "--protocol-version <n>",
      "speak no newer one: while an upgrade may yet be undone (default: the newest there is)",
      readCount("--protocol-version"),
    )
    .option("--record <dir>", "keep the latest of what it is given there, for balsa replay; of this member alone")
    .option("--record-size <bytes>", "how much is kept (default 268435456)", readCount("--record-size"))
    .option("--until-stdin-ends", "stop, too, when standard input ends, for then whoever started it is gone")
    .addHelpText("after", SERVE_HELP)
    .action(async (flags: ServeFlags) => {
      finish(await serve(flags, io));
    });
  program
    .command("up")
    .description("run a whole durable cluster on this machine")
    .option("--nodes <n>", "members of a new cluster (default: 3)", readCount("--nodes", 9))
    .option("--data <dir>", "where all data are kept", "./balsa-data")
    .option(
      "--base-port <port>",
      "the first port of a new cluster (default: any that are free)",
      readCount("--base-port", 65_000),
    )
    .option("--no-restart", "do not start a member again that dies")
    .option("--quiet", "leave out what the members say")
    .addHelpText("after", UP_HELP)
    .action(async (flags: UpFlags) => {
      finish(await up(flags, io));
    });
}

/** @throws UsageError */
export function readMembers(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((pair): readonly [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1 || at === pair.length - 1)
      throw badArgument("--members", text, "a list such as a=HOST:PORT,b=HOST:PORT");
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
  const members = Object.fromEntries(pairs);
  if (Object.keys(members).length < pairs.length)
    throw badArgument("--members", text, "a list that names nobody twice");
  return members;
}

function readMs(flag: string): (text: string) => number {
  return (text) => parseDuration(text, flag);
}

function readCount(flag: string, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (/^\d+$/u.test(text) && n >= 1 && n <= most) return n;
    throw badArgument(
      flag,
      text,
      most === Number.MAX_SAFE_INTEGER ? "a whole number from 1" : `a whole number from 1 to ${String(most)}`,
    );
  };
}
