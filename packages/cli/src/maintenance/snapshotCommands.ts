import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import { readMembers } from "../serving/servingCommands.js";
import { withConnection } from "../operating/withConnection.js";
import { DEFAULT_SKIPPED_TERMS, readSkippedTerms } from "./skippedTerms.js";
import type { SaveFlags } from "./snapshotSave.js";
import type { RestoreFlags } from "./snapshotRestore.js";

const SAVE_HELP = `
The copy holds all that was acknowledged before the call; a majority is asked for
that. Where there is none any more, --stale takes what one member has.

Example:
  balsa snapshot save monday.snapshot --servers 10.0.0.1:7001,10.0.0.2:7001

Exit status:
  0  saved, and durable    1  refused, or nobody was reached    2  the call was wrong
`;

const RESTORE_HELP = `
Makes new data directories: DIR/ID for each member or, with --id, DIR for that one
alone. All members are to be restored from the same file with the same flags.
--cluster must be a name of its own: members of the cluster that the snapshot came
from are then kept out. Nothing is overwritten.

Example, and the same with --id b and --id c on their machines:
  balsa snapshot restore monday.snapshot --cluster shop-2 --id a --data /var/lib/balsa \\
    --members a=10.0.0.1:7001,b=10.0.0.2:7001,c=10.0.0.3:7001

Exit status:
  0  done    1  the snapshot is corrupt, or a directory not empty    2  the call was wrong
`;

/** Adds `balsa snapshot`. */
export function addSnapshotCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  const snapshot = program.command("snapshot").description("keep copies of a cluster's state, and begin anew from one");
  withConnection(snapshot.command("save"), "30s")
    .description("save a consistent copy of a running cluster's state")
    .argument("<FILE>", "a file that is not there yet")
    .option("--stale", "what a member has, without asking a majority")
    .addHelpText("after", SAVE_HELP)
    .action(async (path: string, flags: SaveFlags) => {
      const { snapshotSave } = await import("./snapshotSave.js");
      finish(await snapshotSave(path, flags, io));
    });
  snapshot
    .command("verify")
    .description("say whether snapshots are whole, and what they hold")
    .argument("<FILE...>", "saved ones, or *.snapshot of a data directory")
    .option("--json", "one JSON document a line")
    .addHelpText("after", "\nExit status:\n  0  all are whole    1  one is not    2  the call was wrong, or no file")
    .action(async (paths: string[], flags: { readonly json?: true }) => {
      const { snapshotVerify } = await import("./snapshotVerify.js");
      finish(await snapshotVerify(paths, flags, io));
    });
  snapshot
    .command("restore")
    .description("make the data directories of a new cluster from a snapshot")
    .argument("<FILE>", "the snapshot")
    .requiredOption("--data <DIR>", "where the directories are made")
    .requiredOption("--members <list>", "the new cluster: a=HOST:PORT,b=HOST:PORT,…", readMembers)
    .requiredOption("--cluster <name>", "a new name for it")
    .option("--id <id>", "of one member only, with DIR as its data directory")
    .option(
      "--skip-terms <n>",
      "begin so many terms later, so that no fencing token is given out twice",
      readSkippedTerms,
      DEFAULT_SKIPPED_TERMS,
    )
    .option("--json", "one JSON document")
    .addHelpText("after", RESTORE_HELP)
    .action(async (path: string, flags: RestoreFlags) => {
      const { snapshotRestore } = await import("./snapshotRestore.js");
      finish(await snapshotRestore(path, flags, io));
    });
}
