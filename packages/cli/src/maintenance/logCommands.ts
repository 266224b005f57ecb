import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import type { InspectFlags } from "./logInspect.js";

const INSPECT_HELP = `
DIR is a member's data directory. Nothing in it is changed, so it may be in use:
what its member is writing then shows as torn.

Exit status:
  0  the log is whole    1  it is damaged, or can't be read    2  the call was wrong
`;

/** Adds `balsa log`. */
export function addLogCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  const log = program.command("log").description("look into a member's log on disk, and put a damaged one right");
  log
    .command("inspect")
    .description("show what is in a log, and where damage begins")
    .argument("<DIR>", "the data directory")
    .option("--entries", "a row for each entry, too; with --json their bytes, in base64")
    .option("--json", "JSON lines")
    .addHelpText("after", INSPECT_HELP)
    .action(async (directory: string, flags: InspectFlags) => {
      const { logInspect } = await import("./logInspect.js");
      finish(await logInspect(directory, flags, io));
    });
}
