import { Option, type Command } from "commander";
import { parseDuration } from "../duration.js";
import type { CommandIo } from "../io.js";
import { withConnection } from "../operating/withConnection.js";
import type { DoctorFlags } from "./doctor.js";

const HELP = `
Asks each member for its settings, its clocks, how long the syncs of its log took
since it was started, and round trips to the others, which it measures now.

  wrong   breaks something, or will as soon as there is load
  risky   does not leave the margin that trouble needs
  note    worth knowing

Exit status:
  0  at most notes    1  something is wrong or risky    2  the call was wrong
`;

/** Adds `balsa doctor`. */
export function addDoctorCommand(program: Command, io: CommandIo, finish: (status: number) => void): void {
  withConnection(program.command("doctor"), "5s")
    .description("say whether clocks, disks and links of a cluster are fit for its settings")
    .addOption(
      new Option("--duration <time>", "between two looks at the clocks")
        .default(parseDuration("3s", "--duration"), "3s")
        .argParser((text) => parseDuration(text, "--duration")),
    )
    .addHelpText("after", HELP)
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import("./doctor.js");
      finish(await doctor(flags, io));
    });
}
