import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import type { InspectFlags } from "./logInspect.js";
import type { RepairFlags } from "./logRepair.js";
import { DEFAULT_SKIPPED_TERMS, readSkippedTerms } from "./skippedTerms.js";

const INSPECT_HELP = `
DIR is a member's data directory. Nothing in it is changed, so it may be in use:
what its member is writing then shows as torn.

Exit status:
  0  the log is whole    1  it is damaged, or can't be read    2  the call was wrong
`;

const REPAIR_HELP = `
Keeps what stands before the damage, and gives up all behind it: entries that may have
been acknowledged, and votes. So it refuses where the cluster has other members, who
may count on those: there a new member is put in this one's place (balsa member
replace), or, if the majority is lost, balsa recover is the way. The log as it was is
kept beside the new one. Without --give-up-damaged nothing is changed.

Exit status:
  0  done, or the log is whole    1  refused, or not confirmed    2  the call was wrong
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
  log
    .command("repair")
    .description("of a damaged log of a cluster's only member keep what stands before the damage")
    .argument("<DIR>", "the data directory; its member must not be running")
    .option("--give-up-damaged", "do it")
    .option(
      "--skip-terms <n>",
      "go on so many terms later, so that no fencing token is given out twice",
      readSkippedTerms,
      DEFAULT_SKIPPED_TERMS,
    )
    .option("--json", "one JSON document")
    .addHelpText("after", REPAIR_HELP)
    .action(async (directory: string, flags: RepairFlags) => {
      const { logRepair } = await import("./logRepair.js");
      finish(await logRepair(directory, flags, io));
    });
}
