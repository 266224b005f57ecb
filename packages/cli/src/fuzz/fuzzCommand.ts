import type { Command } from "commander";
import { PROFILE_DESCRIPTIONS, PROFILES } from "@balsa/sim";
import { fuzz } from "../commands/fuzz.js";
import { readPath } from "../commands/simArguments.js";
import type { CommandIo } from "../io.js";
import { wrapText } from "../render/text.js";
import { readProfile, readSeedRange, readShard, readTimeLimit, readWorkers, type FuzzFlags } from "./fuzzArguments.js";

const HELP_WIDTH = 80;

const profiles = PROFILES.flatMap((name) => {
  return wrapText(PROFILE_DESCRIPTIONS[name], HELP_WIDTH, `  ${name.padEnd(12)}`, " ".repeat(14));
});

const FUZZ_HELP = `
Without --seeds and --for: a minute, from seed 1 on. With both, whichever ends
first. A seed's run is the same on every machine.

Profiles:
${profiles.join("\n")}

Examples:
  balsa fuzz                                   a minute of the swarm
  balsa fuzz --seeds 1..1000 --profile storage
  balsa fuzz --seeds 5000.. --for 10m          other seeds than the last time
  balsa fuzz --seeds 1..100000 --shard 2/8     the second of eight machines
  balsa fuzz --for 1m --json | jq .coverage.missing

Exit status:
  0    all held, and every situation that must be reached was
  1    something was violated, or a situation was never reached
  2    the call was wrong
  130  interrupted (what was done is reported)
`;

export function addFuzzCommand(program: Command, io: CommandIo, finish: (status: number) => void): void {
  program
    .command("fuzz")
    .description("run drawn scenarios by the thousand, and shrink what fails")
    .option("--seeds <A..B>", "the seeds to run, or A.. for all from A on", readSeedRange)
    .option("--for <time>", "begin no seed after so long: 90s, 10m, 1h", readTimeLimit)
    .option("--workers <n>", "threads (default: one for each processor)", readWorkers)
    .option("--profile <name>", `one of ${PROFILES.join(", ")} (default: swarm)`, readProfile)
    .option("--shard <I/N>", "run the I-th of N shares of the seeds", readShard)
    .option("--keep <dir>", "where failing scenarios go (default: fuzz-failures)", readPath("--keep"))
    .option("--json", "print one JSON document instead of the report")
    .addHelpText("after", FUZZ_HELP)
    .action(async (flags: FuzzFlags) => {
      finish(await fuzz(flags, io));
    });
}
