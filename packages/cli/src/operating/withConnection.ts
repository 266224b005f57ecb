import { Option, type Command } from "commander";
import { parseDuration } from "../duration.js";
import { badArgument } from "../usageError.js";

/** As replicas have it. */
const MAX_GROUP = 0xffff_ffff;

/** Adds the flags of `ConnectionFlags`. */
export function withConnection(command: Command, timeout: string): Command {
  return command
    .requiredOption("--servers <list>", "HOST:PORT of some members, with commas between", readServers)
    .option("--cluster <name>", "the cluster's name", "balsa")
    .option("--group <n>", "of a host of many groups, which one (default: 1)", readGroup)
    .addOption(
      new Option("--timeout <time>", "how long to wait in all")
        .default(parseDuration(timeout, "--timeout"), timeout)
        .argParser(readTimeout),
    )
    .option("--tls-ca <file>", "PEM: whose certificates are trusted")
    .option("--tls-cert <file>", "PEM: the client's certificate")
    .option("--tls-key <file>", "PEM: the key of that")
    .option("--json", "one JSON document a line");
}

function readServers(text: string): readonly string[] {
  const servers = text.split(",").map((server) => server.trim());
  if (servers.every((server) => /^\S+:\d{1,5}$/u.test(server))) return servers;
  throw badArgument("--servers", text, "a list such as HOST:PORT,HOST:PORT");
}

function readGroup(text: string): number {
  const group = Number(text);
  if (/^\d+$/u.test(text) && group >= 1 && group <= MAX_GROUP) return group;
  throw badArgument("--group", text, `a whole number from 1 to ${String(MAX_GROUP)}`);
}

function readTimeout(text: string): number {
  return parseDuration(text, "--timeout");
}
