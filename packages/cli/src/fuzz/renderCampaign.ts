import { formatDuration, SITUATIONS } from "@balsa/sim";
import { renderTable } from "../render/table.js";
import type { Paint } from "../render/style.js";
import { formatCount, plural, printable, words, wrapText } from "../render/text.js";
import type { CampaignReport } from "./campaignReport.js";
import type { FailureReport } from "./failureReport.js";

const ENDINGS = {
  allSeeds: "all seeds are done",
  timeOver: "the time is over",
  interrupted: "interrupted",
  tooManyFailures: "too many failures to go on",
} as const;

/** A failure, told as soon as it is known. */
export function renderFailure(failure: FailureReport, paint: Paint, width: number): string[] {
  const { seed, check, message, shrunk, notShrunk, replay } = failure;
  const head = `FAILED: seed ${String(seed)}: ${words(check)}: ${printable(message.split("\n")[0] ?? "")}`;
  const lines = wrapText(head, width, "", "  ").map((line) => paint(line, "bold", "red"));
  if (shrunk === null) {
    if (notShrunk !== null) lines.push(`  not shrunk: ${printable(notShrunk.split("\n")[0] ?? "")}`);
  } else {
    lines.push(`  its last steps, shrunk in ${plural(shrunk.runs, "run")}:`);
    for (const line of shrunk.story) lines.push(paint(`  ${line}`, "dim"));
    lines.push(`  replay: ${shrunk.replay}`);
  }
  lines.push(`  ${shrunk === null ? "replay" : "as it was found"}: ${replay}`, "");
  return lines;
}

/** What a campaign came to. */
export function renderCampaign(report: CampaignReport, paint: Paint, width: number): string[] {
  return [...coverageTable(report), "", ...verdict(report, paint, width)];
}

function coverageTable({ coverage, seedsDone }: CampaignReport): string[] {
  const rows = SITUATIONS.map(({ name, description }) => {
    const { runs = 0, times = 0 } = coverage.situations[name] ?? {};
    return [formatCount(runs), formatCount(times), description];
  });
  return [
    `situations reached, of ${plural(seedsDone, "run")}:`,
    ...renderTable(
      [
        { title: "runs", align: "right" },
        { title: "times", align: "right" },
        { title: "situation", align: "left" },
      ],
      rows,
    ),
  ];
}

function verdict(report: CampaignReport, paint: Paint, width: number): string[] {
  const { coverage, failures, ended, profile, seedsDone, simulatedMs, wallMs, workers, digest, ok } = report;
  const missing = SITUATIONS.filter(({ name }) => coverage.missing.includes(name));
  const seconds = Math.max(1, wallMs) / 1_000;
  const rate = `${formatCount(Math.round(simulatedMs / 1_000 / seconds))} simulated seconds a second`;
  return [
    ...missing.flatMap(({ name, description, expectedWithinSeeds }) => {
      const within = `expected within ${formatCount(expectedWithinSeeds ?? 0)} seeds`;
      return wrapText(`MISSING: ${description} (${name}, ${within})`, width, "", "  ").map((line) =>
        paint(line, "red"),
      );
    }),
    ...failures.map(({ seed, check, shrunk, replay }) => {
      return paint(`FAILED: seed ${String(seed)}: ${words(check)}. Replay: ${shrunk?.replay ?? replay}`, "red");
    }),
    paint(
      ok
        ? `OK: all held in ${plural(seedsDone, "run")} of the profile ${profile}.`
        : `${plural(failures.length, "failure")} in ${plural(seedsDone, "run")} of the profile ${profile}; ${ENDINGS[ended]}.`,
      "bold",
      ok ? "green" : "red",
    ),
    `  ${ENDINGS[ended]}: ${formatDuration(simulatedMs)} simulated in ${formatDuration(wallMs)} by ${plural(workers, "worker")}, ${rate}`,
    `  coverage: ${String(coverage.reached)} of ${String(coverage.of)} situations`,
    ...(report.undecided === 0
      ? []
      : [`  in ${plural(report.undecided, "run")} the history was too large to decide whether it is linearizable`]),
    `  digest:   ${digest}`,
  ];
}
