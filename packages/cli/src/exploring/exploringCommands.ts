import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import { explore } from "./explore.js";
import { addExploreFlags, type ExploreFlags } from "./exploreArguments.js";

const EXPLORE_HELP = `
Every schedule of a small world is tried on the real core, by rising length, so
that the first violation is a shortest one. docs/explore.md says what a world is.

Examples:
  balsa explore
  balsa explore --nodes 3 --terms 3 --commands 2
  balsa explore --crashes 1 --commands 0
  balsa explore --nodes 4 --start led --changes 1 --commands 0
  balsa explore --terms 4 --out found.json && balsa sim found.json

Exit status:
  0  every state was looked at, and every rule held    1  a rule was violated
  2  the call was wrong    3  the bound on states was reached before the end
  130  interrupted (the search so far is reported)
`;

/** Adds the command that explores. */
export function addExploringCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  addExploreFlags(program.command("explore"))
    .description("try every schedule of a small cluster, and check every state")
    .addHelpText("after", EXPLORE_HELP)
    .action(async (flags: ExploreFlags) => {
      finish(await explore(flags, io));
    });
}
