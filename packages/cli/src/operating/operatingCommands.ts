import type { MembershipChange } from "@balsa/node";
import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import { badArgument } from "../usageError.js";
import { change } from "./change.js";
import { client, type ClientFlags } from "./client.js";
import type { ConnectionFlags } from "./connectionFlags.js";
import { renderMembers, type MembersAnswer } from "./members.js";
import { status, type StatusFlags } from "./status.js";
import { CONSISTENCIES, type Consistency } from "./store.js";
import { withConnection } from "./withConnection.js";

const CLIENT_HELP = `
Operations: get KEY, put KEY VALUE, delete KEY, cas KEY OLD NEW, append KEY VALUE.
Without one it reads a line for each, typed in or from a pipe; words with spaces
are JSON strings: put greeting "good day". exit or quit ends that.

Reads: linearizable shows all that was written before; lease the same, and the
leader need not ask the others, where members run with --lease-reads and their
clocks keep time; stale what any member has, also without a leader.

Examples:
  balsa client --servers 127.0.0.1:7001,127.0.0.1:7002 put k v
  balsa client --servers 127.0.0.1:7001 -- put k -v       a dash is no flag
  echo 'get k' | balsa client --servers 127.0.0.1:7001

Exit status:
  0  done    1  refused, no such value, or not swapped    2  the call was wrong
  3  UNKNOWN_OUTCOME: whether it was done is not known    130  interrupted
`;

const CHANGE_HELP = `
Exit status:
  0  done    1  refused, or not reached    2  the call was wrong
  3  UNKNOWN_OUTCOME: whether it was done is not known; look at balsa status
  130  interrupted before it could have been done
`;

/** Adds the commands that talk to a cluster. */
export function addOperatingCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  withConnection(program.command("client"), "10s")
    .description("read and write the key-value store of a cluster")
    .argument("[operation...]", "an operation and what belongs to it; none: read lines")
    .option("--consistency <kind>", `of reads: ${CONSISTENCIES.join(", ")}`, readConsistency, "linearizable")
    .addHelpText("after", CLIENT_HELP)
    .action(async (words: string[], flags: ClientFlags) => {
      finish(await client(words, flags, io));
    });
  withConnection(program.command("status"), "2s")
    .description("who leads, and how each member is")
    .option("--watch", "show it again every second, until Ctrl-C")
    .addHelpText(
      "after",
      "\nExit status:\n  0  a leader is known    1  none is, or nobody was reached    2  the call was wrong",
    )
    .action(async (flags: StatusFlags) => {
      finish(await status(flags, io));
    });
  withConnection(program.command("transfer"), "10s")
    .description("hand leadership to another voter")
    .option("--to <id>", "to whom (default: whoever is furthest along)")
    .addHelpText("after", CHANGE_HELP)
    .action(async (flags: ConnectionFlags & { readonly to?: string }) => {
      const request = { op: "transfer" as const, ...(flags.to === undefined ? {} : { to: flags.to }) };
      const describe = (answer: Readonly<Record<string, unknown>>): string =>
        `${String(answer["leader"])} leads ${answer["already"] === true ? "already" : "now"}`;
      finish(await change(request, flags, io, describe));
    });
  addMemberCommands(program, io, finish);
}

function addMemberCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  const member = program.command("member").description("show and change who the members are");
  const act = async (description: MembershipChange, flags: ConnectionFlags): Promise<void> => {
    const request = { op: "reconfigure" as const, change: description };
    const describe = (answer: Readonly<Record<string, unknown>>): string => {
      if (answer["already"] !== true) return `done, as of entry ${String(answer["index"])}`;
      const why = description.type === "remove" ? `${description.id} is no member` : "it is like this already";
      return `nothing was to be done: ${why}`;
    };
    finish(await change(request, flags, io, describe));
  };
  withConnection(member.command("list"), "10s")
    .description("voters, learners and their addresses")
    .action(async (flags: ConnectionFlags) => {
      // A member answers this request in this form (`RaftNode`).
      finish(await change({ op: "members" }, flags, io, (answer) => renderMembers(answer as unknown as MembersAnswer)));
    });
  withConnection(member.command("add"), "60s")
    .description("add a member, started with --join: as a learner, then as a voter")
    .argument("<id=host:port>", "its name, and where it is")
    .option("--learner", "leave it a learner")
    .addHelpText("after", CHANGE_HELP)
    .action(async (text: string, flags: ConnectionFlags & { readonly learner?: true }) => {
      await act({ type: "add", ...readMember(text), learner: flags.learner === true }, flags);
    });
  for (const [type, description] of [
    ["promote", "make a learner a voter"],
    ["demote", "make a voter a learner"],
    ["remove", "take a member out"],
  ] as const) {
    withConnection(member.command(type), "30s")
      .description(description)
      .argument("<id>", "its name")
      .addHelpText("after", CHANGE_HELP)
      .action(async (id: string, flags: ConnectionFlags) => {
        await act({ type, id }, flags);
      });
  }
  withConnection(member.command("replace"), "60s")
    .description("put a member, started with --join, in the place of another")
    .argument("<old>", "whose place")
    .argument("<id=host:port>", "who comes, and where it is")
    .addHelpText("after", CHANGE_HELP)
    .action(async (replaced: string, text: string, flags: ConnectionFlags) => {
      await act({ type: "replace", replaced, ...readMember(text) }, flags);
    });
}

function readMember(text: string): { readonly id: string; readonly address: string } {
  const match = /^([^=\s]{1,64})=(\S+:\d{1,5})$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw badArgument("<id=host:port>", text, "such as d=HOST:PORT");
  return { id: match[1], address: match[2] };
}

function readConsistency(text: string): Consistency {
  const found = CONSISTENCIES.find((consistency) => consistency === text);
  if (found === undefined) throw badArgument("--consistency", text, `one of ${CONSISTENCIES.join(", ")}`);
  return found;
}
