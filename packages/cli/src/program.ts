import { Command } from "commander";
import { DEMONSTRATION, FAULT_CLASSES } from "@balsa/sim";
import { addCheckCommand } from "./checking/checkCommand.js";
import { demo, type DemoFlags } from "./commands/demo.js";
import { sim } from "./commands/sim.js";
import { addFuzzCommand } from "./fuzz/fuzzCommand.js";
import {
  readCommands,
  readDuration,
  readFaults,
  readMachine,
  readNodes,
  readPath,
  readSeed,
  type SimFlags,
} from "./commands/simArguments.js";
import { addExploringCommands } from "./exploring/exploringCommands.js";
import type { CommandIo } from "./io.js";
import { addDoctorCommand } from "./doctor/doctorCommand.js";
import { addMaintenanceCommands } from "./maintenance/maintenanceCommands.js";
import { addReplayCommand } from "./replaying/replayCommand.js";
import { addOperatingCommands } from "./operating/operatingCommands.js";
import { addServingCommands } from "./serving/servingCommands.js";
import { readVersion } from "./version.js";

const SIM_HELP = `
What the flags say stands in place of the scenario's own fields. Without a
scenario and without flags: 5 nodes, kv, all faults, 60 s, a random seed.

Lines of input:
  counter   add 3
  kv        put KEY VALUE   append KEY VALUE   cas KEY OLD NEW
            get KEY         delete KEY
  Words with spaces are JSON strings: put greeting "good day". Empty lines and
  lines that begin with # are skipped.

Examples:
  balsa sim                                    watch a minute of trouble
  balsa sim --seed 42 --nodes 3 --faults crash,disk --duration 10m
  balsa sim --nodes 3 --commands 10 --machine counter --faults none
  balsa sim --machine kv --input commands.txt
  seq 1000 | sed 's/^/add /' | balsa sim --machine counter --input -
  balsa sim --seed 42 --json | jq .finalStates
  balsa sim --seed 42 --trace run.perfetto.json      open it in ui.perfetto.dev

Environment:
  NO_COLOR=1        no colours            FORCE_COLOR=1   colours in a pipe, too
  BALSA_LOG=debug   every message, on standard error

Exit status:
  0  all held      1  something was violated      2  the call or input was wrong
  130  interrupted (the run so far is reported)
`;

/** The command line, as commander reads it; `finish` is told the exit status. */
export function makeProgram(io: CommandIo, finish: (status: number) => void): Command {
  const program = new Command("balsa")
    .description("Raft clusters: durable ones to build on, and simulated ones to watch fail and recover.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText(
      "after",
      "\nStart with: balsa demo\nA durable store on this machine: balsa up\nAll about the simulator: balsa sim --help",
    );
  program
    .command("demo")
    .description("a few seconds in which a leader, a network and the power fail (npm start)")
    .option("--seed <n>", `another history than that of seed ${String(DEMONSTRATION.seed)}`, readSeed)
    .option("--json", "print one JSON document instead of the report")
    .option("--trace <file>", "write every event to a file", readPath("--trace"))
    .option("--quiet", "print the verdict only")
    .action(async (flags: DemoFlags) => {
      finish(await demo(flags, io));
    });
  program
    .command("sim")
    .description("run a simulated cluster, check every step, and tell what happened")
    .argument("[SCENARIO.json]", "a scenario; what it leaves open has a default")
    .option("--seed <n>", "the seed that decides everything (default: drawn, and told)", readSeed)
    .option("--nodes <n>", "voters at the start, 1 to 9 (default: 5)", readNodes)
    .option("--machine <name>", "counter or kv (default: kv)", readMachine)
    .option("--commands <n>", "end when so many commands are answered", readCommands)
    .option("--input <file>", "commands from a file, or - for standard input", readPath("--input"))
    .option("--faults <list>", `none, all (default), or of ${FAULT_CLASSES.join(",")}`, readFaults)
    .option("--duration <time>", "simulated time: 500ms, 60s, 10m, 1h (default: 60s)", readDuration)
    .option("--json", "print one JSON document instead of the report")
    .option("--trace <file>", "write every event: JSON lines, or NAME.perfetto.json", readPath("--trace"))
    .option("--quiet", "print the verdict only")
    .addHelpText("after", SIM_HELP)
    .action(async (path: string | undefined, flags: SimFlags) => {
      finish(await sim(path, flags, io));
    });
  addCheckCommand(program, io, finish);
  addFuzzCommand(program, io, finish);
  addExploringCommands(program, io, finish);
  addServingCommands(program, io, finish);
  addOperatingCommands(program, io, finish);
  addDoctorCommand(program, io, finish);
  addMaintenanceCommands(program, io, finish);
  addReplayCommand(program, io, finish);
  return program;
}
