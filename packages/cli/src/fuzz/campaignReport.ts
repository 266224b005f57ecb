import type { ProfileName, Situation } from "@balsa/sim";
import type { Campaign, CampaignEnd } from "./campaign.js";
import type { SeedRange, Shard } from "./fuzzArguments.js";
import { reportFailure, type FailureReport } from "./failureReport.js";
import type { KeptFailure } from "./keepFailure.js";

/** The document that `balsa fuzz --json` prints. */
export interface CampaignReport {
  readonly ok: boolean;
  readonly profile: ProfileName;
  readonly seeds: SeedRange;
  readonly shard: Shard;
  readonly workers: number;
  readonly seedsDone: number;
  readonly ended: CampaignEnd;
  /** Over the seeds that were done, with their numbers: equal where the same ones did the same. */
  readonly digest: string;
  readonly simulatedMs: number;
  readonly wallMs: number;
  /** Runs of which all held, but whether they were linearizable could not be decided. */
  readonly undecided: number;
  readonly failures: readonly FailureReport[];
  readonly coverage: CoverageReport;
}

export interface CoverageReport {
  readonly reached: number;
  readonly of: number;
  /** Whether the campaign fails where something is missing. */
  readonly required: boolean;
  readonly missing: readonly string[];
  readonly situations: Readonly<Record<string, { readonly runs: number; readonly times: number }>>;
}

export interface CampaignSetting {
  readonly profile: ProfileName;
  readonly seeds: SeedRange;
  readonly shard: Shard;
  readonly workers: number;
  readonly program: string;
}

/** Only the swarm turns everything on, so only there something that never came tells of a hole. */
export function missingSituations(campaign: Campaign, profile: ProfileName): readonly Situation[] {
  return profile === "swarm" ? campaign.coverage.missing() : [];
}

export function buildCampaignReport(
  campaign: Campaign,
  ended: CampaignEnd,
  kept: readonly KeptFailure[],
  setting: CampaignSetting,
): CampaignReport {
  const { profile, seeds, shard, workers, program } = setting;
  const situations = campaign.coverage.list();
  const missing = missingSituations(campaign, profile).map(({ name }) => name);
  return {
    ok: campaign.failures.length === 0 && missing.length === 0 && ended !== "interrupted",
    profile,
    seeds,
    shard,
    workers,
    seedsDone: campaign.seedsDone,
    ended,
    digest: campaign.digest(),
    simulatedMs: Math.round(campaign.simulatedMs),
    undecided: campaign.undecided,
    wallMs: Math.round(campaign.elapsedMs),
    failures: kept.map((failure) => reportFailure(failure, program)),
    coverage: {
      reached: campaign.coverage.reached,
      of: situations.length,
      required: profile === "swarm",
      missing,
      situations: Object.fromEntries(situations.map(({ name, runs, times }) => [name, { runs, times }])),
    },
  };
}
