import type { FittedSettings } from "@balsa/node";
import { nameOf, type Examination } from "./examination.js";
import { percentileMs } from "./syncTimes.js";

/** `wrong` breaks something, `risky` will under load or in trouble, `note` is worth knowing. */
export type Severity = "wrong" | "risky" | "note";

export interface Finding {
  readonly severity: Severity;
  /** Whom it concerns; null: all of them. */
  readonly member: string | null;
  readonly code: string;
  readonly message: string;
}

type Examined = Extract<Examination, { status: unknown }>;

/** etcd's guide, too, wants ten times the round trip between members. */
const ROUND_TRIPS_PER_ELECTION_TIMEOUT = 10;
/** As docs/operations.md says of the alert. */
const SYNCS_PER_ELECTION_TIMEOUT = 10;
const MIN_SYNCS = 100;
/** Certificates and logs are read with these clocks; the algorithm does not use them. */
const MAX_APART_MS = 1_000;
/** No clock that is whole is off by so much. */
const MAX_DRIFT = 0.01;

/** What is to be said of a cluster that was examined. Pure. */
export function findingsOf(examinations: readonly Examination[]): readonly Finding[] {
  const examined = examinations.filter((one): one is Examined => "status" in one);
  return [
    ...unreached(examinations),
    ...membership(examined),
    ...unlikeSettings(examined),
    ...clocks(examined),
    ...examined.flatMap((one) => [...clockRate(one), ...disk(one), ...links(one)]),
  ];
}

function unreached(examinations: readonly Examination[]): Finding[] {
  return examinations.flatMap((one) =>
    "status" in one ? [] : [finding("wrong", one.address, "NOT_REACHED", `It does not answer: ${one.error}`)],
  );
}

function membership(examined: readonly Examined[]): Finding[] {
  const latest = examined.toSorted((a, b) => b.status.term - a.status.term)[0]?.status;
  if (latest === undefined) return [];
  const found: Finding[] = [];
  if (examined.every(({ status }) => status.leader === null)) {
    found.push(
      finding("wrong", null, "NO_LEADER", "No member knows a leader: nothing can be written. Bring a majority up."),
    );
  }
  const voters = latest.configuration.voters.length;
  if (voters === 1) {
    found.push(
      finding(
        "note",
        null,
        "ONE_VOTER",
        "There is one voter: while it is down nothing works, and its disk is the only one.",
      ),
    );
  } else if (voters % 2 === 0) {
    const told = `There are ${String(voters)} voters, who survive the loss of no more than ${String(voters - 1)} would. Add one, or take one out.`;
    found.push(finding("note", null, "EVEN_VOTERS", told));
  }
  const versions = [...new Set(examined.map(({ status }) => status.version))];
  if (versions.length > 1)
    found.push(finding("note", null, "VERSIONS", `Members run the versions ${versions.join(", ")}.`));
  return found;
}

function unlikeSettings(examined: readonly Examined[]): Finding[] {
  const first = examined[0]?.diagnosis.settings;
  if (first === undefined) return [];
  return (Object.keys(first) as (keyof FittedSettings)[]).flatMap((name) => {
    const values = examined.map((one) => `${nameOf(one)} ${String(one.diagnosis.settings[name])}`);
    if (examined.every(({ diagnosis }) => diagnosis.settings[name] === first[name])) return [];
    return [
      finding(
        "wrong",
        null,
        "SETTINGS_DIFFER",
        `${name} must be the same on all members, and is: ${values.join(", ")}.`,
      ),
    ];
  });
}

function clocks(examined: readonly Examined[]): Finding[] {
  const ranked = examined.toSorted((a, b) => a.clock.aheadMs - b.clock.aheadMs);
  const [slow, fast] = [ranked[0], ranked.at(-1)];
  if (slow === undefined || fast === undefined) return [];
  const apartMs = fast.clock.aheadMs - slow.clock.aheadMs - fast.clock.uncertaintyMs - slow.clock.uncertaintyMs;
  if (apartMs <= MAX_APART_MS) return [];
  const told = `The clock of ${nameOf(fast)} is ${seconds(apartMs)} ahead of that of ${nameOf(slow)}.`;
  return [finding("risky", null, "CLOCKS_APART", `${told} Logs and certificates are read by it. Have NTP set both.`)];
}

function clockRate(one: Examined): Finding[] {
  const { drift, driftUncertainty } = one.clock;
  const { leaseReads, maxClockDriftRatio } = one.diagnosis.settings;
  const sure = Math.abs(drift) - driftUncertainty;
  const told = `Its monotonic clock runs ${percent(drift)} ${drift > 0 ? "faster" : "slower"} than the one here.`;
  if (leaseReads && sure > maxClockDriftRatio) {
    const advice = `Reads from a lease rely on ${percent(maxClockDriftRatio)} at most, and may be stale. Turn leaseReads off.`;
    return [finding("wrong", nameOf(one), "CLOCK_RATE", `${told} ${advice}`)];
  }
  if (sure <= MAX_DRIFT) return [];
  return [finding("risky", nameOf(one), "CLOCK_RATE", `${told} Look at the machine, or at its virtualisation.`)];
}

function disk(one: Examined): Finding[] {
  const found: Finding[] = [];
  const { walSyncs, settings } = one.diagnosis;
  if (one.status.diskFull) {
    found.push(finding("wrong", nameOf(one), "DISK_FULL", "Its disk is full. Make room."));
  }
  if (walSyncs.count < MIN_SYNCS) {
    const told = `It has synced its log ${String(walSyncs.count)} times since it was started, which is too few to judge its disk.`;
    return [...found, finding("note", nameOf(one), "FEW_SYNCS", `${told} Ask again under load.`)];
  }
  const slowestMs = percentileMs(walSyncs, 0.99) ?? Infinity;
  const allowedMs = settings.electionTimeoutMs / SYNCS_PER_ELECTION_TIMEOUT;
  if (slowestMs <= allowedMs) return found;
  const severity = slowestMs > settings.electionTimeoutMs / 2 ? "wrong" : "risky";
  const told = `Of its syncs 1 % take more than ${String(allowedMs)} ms, a tenth of electionTimeoutMs (${String(settings.electionTimeoutMs)}).`;
  return [
    ...found,
    finding(
      severity,
      nameOf(one),
      "SLOW_DISK",
      `${told} Give it a faster disk of its own, or raise the timeout on all members.`,
    ),
  ];
}

function links(one: Examined): Finding[] {
  const { electionTimeoutMs, heartbeatIntervalMs } = one.diagnosis.settings;
  return one.diagnosis.links.flatMap(({ to, roundTripMs, error }): Finding[] => {
    if (roundTripMs === null) {
      return [finding("wrong", nameOf(one), "LINK_BROKEN", `It does not reach ${to}: ${error ?? "nothing says why"}`)];
    }
    const told = `A round trip to ${to} takes ${roundTripMs.toFixed(1)} ms.`;
    if (roundTripMs * ROUND_TRIPS_PER_ELECTION_TIMEOUT <= electionTimeoutMs) return [];
    const severity = roundTripMs > heartbeatIntervalMs ? "wrong" : "risky";
    const wanted = String(Math.ceil(roundTripMs * ROUND_TRIPS_PER_ELECTION_TIMEOUT));
    const advice = `electionTimeoutMs is ${String(electionTimeoutMs)}; raise it to ${wanted} or more, on all members (--election-timeout).`;
    return [finding(severity, nameOf(one), "SLOW_LINK", `${told} ${advice}`)];
  });
}

function finding(severity: Severity, member: string | null, code: string, message: string): Finding {
  return { severity, member, code, message };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function percent(part: number): string {
  return `${(Math.abs(part) * 100).toFixed(1)} %`;
}
