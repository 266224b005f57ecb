import { availableParallelism } from "node:os";
import { EXIT } from "../exitStatus.js";
import { Campaign } from "../fuzz/campaign.js";
import { CampaignProgress } from "../fuzz/campaignProgress.js";
import { buildCampaignReport, type CampaignSetting } from "../fuzz/campaignReport.js";
import { reportFailure } from "../fuzz/failureReport.js";
import type { FuzzFlags } from "../fuzz/fuzzArguments.js";
import { keepFailure, type KeptFailure } from "../fuzz/keepFailure.js";
import { renderCampaign, renderFailure } from "../fuzz/renderCampaign.js";
import { countSeeds, seedSequence } from "../fuzz/seedSequence.js";
import { startThread } from "../fuzz/threadWorker.js";
import type { StartWorker } from "../fuzz/workerProtocol.js";
import { write, type CommandIo } from "../io.js";
import { choosePaint, chooseWidth } from "../render/style.js";
import { programName } from "./programName.js";
import { MAX_SEED } from "./simArguments.js";

const DEFAULT_LIMIT_MS = 60_000;
const ALL_SEEDS = { first: 1, last: MAX_SEED };
const DEFAULT_FOLDER = "fuzz-failures";

/** `balsa fuzz`: runs one drawn scenario after the other, on all processors. Gives the exit status. */
export async function fuzz(flags: FuzzFlags, io: CommandIo, startWorker: StartWorker = startThread): Promise<number> {
  const { profile = "swarm", seeds = ALL_SEEDS, shard = { index: 1, count: 1 }, keep = DEFAULT_FOLDER } = flags;
  const limitMs = flags.for ?? (flags.seeds === undefined ? DEFAULT_LIMIT_MS : null);
  const workers = flags.workers ?? availableParallelism();
  const setting: CampaignSetting = { profile, seeds, shard, workers, program: programName(io) };
  const progress = new CampaignProgress(io, { seeds: countSeeds(seeds, shard), limitMs });
  const told = flags.json === true ? io.stderr : io.stdout;
  const [paint, width] = [choosePaint(told, io.environment), chooseWidth(told)];
  const kept: KeptFailure[] = [];
  const campaign = new Campaign({
    profile,
    seeds: seedSequence(seeds, shard),
    workers,
    limitMs,
    startWorker,
    interrupted: io.interrupted,
    now: io.now,
    onFailure: async (failure) => {
      const found = await keepFailure(failure, keep);
      kept.push(found);
      await progress.clear();
      const lines = renderFailure(reportFailure(found, setting.program), paint, width);
      await write(told, lines.map((line) => `${line}\n`).join(""));
    },
  });
  try {
    const ended = await campaign.run(() => progress.update(campaign));
    const report = buildCampaignReport(campaign, ended, kept, setting);
    await progress.clear();
    const text =
      flags.json === true ? JSON.stringify(report, null, 2) : renderCampaign(report, paint, width).join("\n");
    await write(io.stdout, `${text}\n`);
    if (report.failures.length > 0) return EXIT.violated;
    if (ended === "interrupted") return EXIT.interrupted;
    return report.ok ? EXIT.ok : EXIT.violated;
  } finally {
    await progress.clear();
  }
}
