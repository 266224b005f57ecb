import { isExploredScenario } from "@balsa/explore";
import { replayTrace } from "../exploring/replayTrace.js";
import type { CommandIo } from "../io.js";
import { openCommandInput } from "../input/commandInput.js";
import { checkEnd, planRun } from "./planRun.js";
import { readDocument, toScenario } from "./scenarioFile.js";
import { showRun } from "./showRun.js";
import { checkTogether, replayCommand, type SimFlags } from "./simArguments.js";
import { programName } from "./programName.js";

/**
 * `balsa sim`: runs one scenario, shows it and gives the exit status.
 * @throws UsageError before anything ran.
 */
export async function sim(scenarioPath: string | undefined, flags: SimFlags, io: CommandIo): Promise<number> {
  checkTogether(flags);
  const document = scenarioPath === undefined ? null : await readDocument(scenarioPath);
  if (scenarioPath !== undefined && isExploredScenario(document)) return replayTrace(scenarioPath, document, flags, io);
  const given = scenarioPath === undefined ? null : toScenario(scenarioPath, document);
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
