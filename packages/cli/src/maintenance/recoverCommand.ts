import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import type { RecoverFlags } from "./recover.js";
import { DEFAULT_SKIPPED_TERMS, readSkippedTerms } from "./skippedTerms.js";

const HELP = `
For when a majority of the members, with their data, is lost for good. It works on
the data directory of one member that is left, which must not be running, and makes
it the only member. Without --force-new-cluster it says what that would mean, and
changes nothing. The log as it was is kept beside the new one.

Example:
  balsa recover /var/lib/balsa --force-new-cluster --cluster shop-2

Exit status:
  0  done    1  refused, not confirmed, or damaged    2  the call was wrong
`;

/** Adds `balsa recover`. */
export function addRecoverCommand(program: Command, io: CommandIo, finish: (status: number) => void): void {
  program
    .command("recover")
    .description("after the loss of a majority: make one member the only one, by force")
    .argument("<DIR>", "its data directory")
    .option("--force-new-cluster", "do it; what is lost by that is spelled out without this flag")
    .option("--cluster <name>", "a new name, which keeps members of the old cluster out")
    .option("--same-cluster", "keep the name, which spares clients another one")
    .option("--give-up-damaged", "of a damaged log go on with what stands before the damage")
    .option(
      "--skip-terms <n>",
      "begin so many terms later, so that no fencing token is given out twice",
      readSkippedTerms,
      DEFAULT_SKIPPED_TERMS,
    )
    .option("--json", "one JSON document, without the warning")
    .addHelpText("after", HELP)
    .action(async (directory: string, flags: RecoverFlags) => {
      const { recover } = await import("./recover.js");
      finish(await recover(directory, flags, io));
    });
}
