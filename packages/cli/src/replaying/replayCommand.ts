import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import type { ReplayFlags } from "./replay.js";

const HELP = `
Each DIR is what one member has recorded (balsa serve --record DIR). What it was given
is fed to the same code, which must want the same done each time, and come to the same
states; the rules of Raft are checked on it, over all that are named, so name all
members that have a recording.

Exit status:
  0  all replay exactly, and no rule is broken
  1  something differs, or a rule is broken, or a recording can't be read
  2  the call was wrong
`;

/** Adds `balsa replay`. */
export function addReplayCommand(program: Command, io: CommandIo, finish: (status: number) => void): void {
  program
    .command("replay")
    .description("feed what members have recorded to the same code, and say where it differs")
    .argument("<DIR...>", "recordings, one for each member")
    .option("--json", "one JSON document for each")
    .addHelpText("after", HELP)
    .action(async (directories: string[], flags: ReplayFlags) => {
      const { replay } = await import("./replay.js");
      finish(await replay(directories, flags, io));
    });
}
