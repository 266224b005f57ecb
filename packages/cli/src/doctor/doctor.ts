import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import type { ConnectionFlags } from "../operating/connectionFlags.js";
import { renderTable, type Column } from "../render/table.js";
import { printable, wrapText } from "../render/text.js";
import { examineCluster, nameOf, type Examination } from "./examination.js";
import { findingsOf, type Finding } from "./findings.js";
import { percentileMs } from "./syncTimes.js";

export interface DoctorFlags extends ConnectionFlags {
  /** Between two looks at the clocks. */
  readonly duration: number;
}

/** `balsa doctor`: whether clocks, disks and links of a cluster are fit for its settings. Status 1 where they are not. */
export async function doctor(flags: DoctorFlags, io: CommandIo): Promise<number> {
  const examinations = await examineCluster(flags, flags.duration, io.interrupted);
  if (io.interrupted.aborted) return EXIT.interrupted;
  const findings = findingsOf(examinations);
  const ok = findings.every(({ severity }) => severity === "note");
  const text =
    flags.json === true ? JSON.stringify({ ok, findings, members: examinations }) : render(examinations, findings);
  await write(io.stdout, `${text}\n`);
  return ok ? EXIT.ok : EXIT.failed;
}

const MEMBERS: readonly Column[] = [
  { title: "member", align: "left" },
  { title: "address", align: "left" },
  { title: "clock ahead", align: "right" },
  { title: "clock rate", align: "right" },
  { title: "syncs", align: "right" },
  { title: "sync p50", align: "right" },
  { title: "sync p99", align: "right" },
  { title: "election timeout", align: "right" },
];

const LINKS: readonly Column[] = [
  { title: "from", align: "left" },
  { title: "to", align: "left" },
  { title: "round trip", align: "right" },
  { title: "slowest", align: "right" },
];

function render(examinations: readonly Examination[], findings: readonly Finding[]): string {
  const links = examinations.flatMap((one) =>
    "status" in one
      ? one.diagnosis.links.map(({ to, roundTripMs, slowestMs }) => [nameOf(one), to, ms(roundTripMs), ms(slowestMs)])
      : [],
  );
  const told = findings.flatMap(({ severity, member, code, message }) =>
    wrapText(
      `${member === null ? "" : `${member}: `}${code}: ${printable(message)}`,
      100,
      `${severity.padEnd(6)} `,
      "       ",
    ),
  );
  return [
    ...renderTable(MEMBERS, examinations.map(memberRow)),
    ...(links.length === 0 ? [] : ["", ...renderTable(LINKS, links)]),
    "",
    ...(told.length === 0 ? ["Nothing is to be said against it."] : told),
  ].join("\n");
}

function memberRow(one: Examination): string[] {
  if (!("status" in one)) return ["?", one.address, "not reached"];
  const { clock, diagnosis, status } = one;
  const { walSyncs, settings } = diagnosis;
  return [
    printable(status.id),
    one.address,
    `${ms(clock.aheadMs)} ±${clock.uncertaintyMs.toFixed(1)}`,
    `${(clock.drift * 100).toFixed(2)} % ±${(clock.driftUncertainty * 100).toFixed(2)}`,
    String(walSyncs.count),
    below(percentileMs(walSyncs, 0.5)),
    below(percentileMs(walSyncs, 0.99)),
    `${String(settings.electionTimeoutMs)} ms`,
  ];
}

/** Times of syncs are known by the bounds that they stayed below. */
function below(value: number | null): string {
  return value === null ? "?" : `<= ${String(value)} ms`;
}

function ms(value: number | null): string {
  return value === null ? "?" : `${value.toFixed(2)} ms`;
}
