import type { CommandIo } from "../io.js";
import { openCommandInput } from "../input/commandInput.js";
import { checkEnd, planRun } from "./planRun.js";
import { readScenario } from "./scenarioFile.js";
import { showRun } from "./showRun.js";
import { checkTogether, replayCommand, type SimFlags } from "./simArguments.js";
import { programName } from "./programName.js";

/**
 * `balsa sim`: runs one scenario, shows it and gives the exit status.
 * @throws UsageError before anything ran.
 */
export async function sim(scenarioPath: string | undefined, flags: SimFlags, io: CommandIo): Promise<number> {
  checkTogether(flags);
  const given = scenarioPath === undefined ? null : await readScenario(scenarioPath);
  const scenario = planRun(given, flags, io.drawSeed);
  if (scenarioPath !== undefined && flags.input === undefined) checkEnd(scenario, scenarioPath);
  const input = flags.input === undefined ? null : await openCommandInput(flags.input, scenario.machine, io);
  const replay = replayCommand(programName(io), scenarioPath, flags, scenario.seed);
  try {
    const { json = false, quiet = false, trace: tracePath = null } = flags;
    return await showRun({ scenario, input, replay, pace: null, json, quiet, tracePath }, io);
  } finally {
    await input?.close();
  }
}
