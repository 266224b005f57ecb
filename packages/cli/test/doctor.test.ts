import type { NodeStatus } from "@balsa/node";
import { beforeEach, describe, expect, test } from "vitest";
import type { Examination } from "../src/doctor/examination.js";
import { findingsOf } from "../src/doctor/findings.js";
import { percentileMs } from "../src/doctor/syncTimes.js";
import { call, freeAddresses, runningMembers } from "./maintenance/runningMembers.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

type Examined = Extract<Examination, { status: unknown }>;
type Changes = {
  readonly [part in "status" | "diagnosis" | "clock" | "settings"]?: Readonly<Record<string, unknown>>;
};

const BOUNDS = [0.001, 0.032, 0.256];
/** So many syncs of at most 1, 32 and 256 ms. */
const syncs = (...counts: readonly number[]) => ({
  boundsSeconds: BOUNDS,
  counts: counts.map((_, i) => counts.slice(0, i + 1).reduce((sum, n) => sum + n, 0)),
  count: counts.reduce((sum, n) => sum + n, 0),
  sumSeconds: 1,
});

/** A member of three with which all is well. */
function member(id: string, changes: Changes = {}): Examined {
  const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
  const status = { id, leader: "a", term: 3, version: "1.0.0", configuration, diskFull: false, ...changes.status };
  const settings = {
    electionTimeoutMs: 300,
    heartbeatIntervalMs: 100,
    preVote: true,
    checkQuorum: true,
    leaderStickiness: true,
    leaseReads: false,
    maxClockDriftRatio: 0.1,
    ...changes.settings,
  };
  const links = ["a", "b", "c"]
    .filter((to) => to !== id)
    .map((to) => ({ to, address: to, roundTripMs: 0.5, slowestMs: 2, error: null }));
  return {
    address: id,
    status: status as unknown as NodeStatus, // what the rules look at
    diagnosis: { id, settings, walSyncs: syncs(990, 10, 0), links, ...changes.diagnosis },
    clock: { aheadMs: 0, uncertaintyMs: 1, drift: 0, driftUncertainty: 0.0001, ...changes.clock },
  };
}

function found(...examinations: readonly Examination[]): readonly string[] {
  return findingsOf(examinations).map(({ severity, member: who, code }) => `${severity} ${who ?? "all"} ${code}`);
}

const link = (roundTripMs: number | null) => ({
  links: [
    { to: "b", address: "b", roundTripMs, slowestMs: roundTripMs, error: roundTripMs === null ? "refused" : null },
  ],
});

describe("the doctor", () => {
  test("has nothing to say where all is well", () => {
    expect(found(member("a"), member("b"), member("c"))).toEqual([]);
  });

  test.each<[string, Changes]>([
    ["wrong a SLOW_DISK", { diagnosis: { walSyncs: syncs(900, 0, 100) } }],
    ["risky a SLOW_DISK", { diagnosis: { walSyncs: syncs(900, 100, 0) } }],
    ["wrong a SLOW_DISK", { diagnosis: { walSyncs: { ...syncs(900, 0, 0), count: 1_000 } } }],
    ["note a FEW_SYNCS", { diagnosis: { walSyncs: syncs(9, 0, 0) } }],
    ["wrong a DISK_FULL", { status: { diskFull: true } }],
    ["risky a SLOW_LINK", { diagnosis: link(31) }],
    ["wrong a SLOW_LINK", { diagnosis: link(101) }],
    ["wrong a LINK_BROKEN", { diagnosis: link(null) }],
    ["risky all CLOCKS_APART", { clock: { aheadMs: -1_003 } }],
    ["risky a CLOCK_RATE", { clock: { drift: -0.02 } }],
    ["wrong all SETTINGS_DIFFER", { settings: { electionTimeoutMs: 1_000 } }],
    ["note all VERSIONS", { status: { version: "1.1.0" } }],
  ])("says %s of %j", (finding, changes) => {
    expect(found(member("a", changes), member("b"), member("c"))).toEqual([finding]);
  });

  test.each<[string, Changes]>([
    ["a link at a tenth of the timeout", { diagnosis: link(30) }],
    ["clocks that may be as one", { clock: { aheadMs: 1_400, uncertaintyMs: 400 } }],
    ["a rate that is not known well enough", { clock: { drift: 0.02, driftUncertainty: 0.011 } }],
  ])("says nothing of %s", (_, changes) => {
    expect(found(member("a", changes), member("b"), member("c"))).toEqual([]);
  });

  test("takes a clock for wrong that breaks what reads from a lease rely on", () => {
    const settings = { leaseReads: true };
    const drifting = member("a", { settings, clock: { drift: 0.2 } });
    expect(found(drifting, member("b", { settings }))).toEqual(["wrong a CLOCK_RATE"]);
  });

  test("tells of members that don't answer, of no leader, and of how many voters there are", () => {
    const alone = {
      leader: null,
      configuration: { voters: ["a"], votersOutgoing: [], learners: [], learnersNext: [] },
    };
    expect(found(member("a", { status: alone, diagnosis: { links: [] } }))).toEqual([
      "wrong all NO_LEADER",
      "note all ONE_VOTER",
    ]);
    const four = {
      configuration: { voters: ["a", "b", "c", "d"], votersOutgoing: [], learners: [], learnersNext: [] },
    };
    expect(found(member("a", { status: four }), { address: "d:1", error: "gone" })).toEqual([
      "wrong d:1 NOT_REACHED",
      "note all EVEN_VOTERS",
    ]);
    expect(found({ address: "d:1", error: "gone" })).toEqual(["wrong d:1 NOT_REACHED"]);
  });

  test("tells times of syncs by the bound that so many stayed below", () => {
    expect([0.5, 0.99, 0.995, 1].map((part) => percentileMs(syncs(990, 8, 1), part))).toEqual([1, 1, 32, 256]);
    expect(percentileMs(syncs(0, 0, 0), 0.5)).toBeNull();
    expect(percentileMs({ ...syncs(9, 0, 0), count: 10 }, 0.99)).toBeNull();
  });
});

describe("of a running cluster", () => {
  const path = temporaryFolder();
  const { start } = runningMembers();
  let addresses: string[];

  beforeEach(async () => {
    addresses = await freeAddresses(3);
    const members = ["a", "b", "c"].map((id, i) => `${id}=${addresses[i]!}`).join(",");
    const serve = (id: string, i: number) =>
      start(
        "--id",
        id,
        "--data",
        path(id),
        "--listen",
        addresses[i]!,
        "--members",
        members,
        "--election-timeout",
        "1s",
      );
    await Promise.all(["a", "b"].map(serve));
    await call("client", "--servers", addresses.slice(0, 2).join(","), "put", "k", "v");
  });

  test("it finds the members, their clocks and links, and the one that is down", async () => {
    const flags = ["--servers", addresses[0]!, "--duration", "10ms", "--timeout", "1s"];
    const { status, out } = await call("doctor", ...flags, "--json");
    expect(status).toBe(1);
    const told = JSON.parse(out) as {
      readonly findings: readonly { readonly member: string | null; readonly code: string }[];
      readonly members: readonly Examination[];
    };
    const codes = told.findings.map(({ member: who, code }) => `${who ?? "all"} ${code}`);
    expect(codes).toEqual(expect.arrayContaining([`${addresses[2]!} NOT_REACHED`, "a LINK_BROKEN", "b LINK_BROKEN"]));
    const a = told.members.find((one): one is Examined => "status" in one && one.status.id === "a")!;
    expect(Math.abs(a.clock.aheadMs)).toBeLessThanOrEqual(a.clock.uncertaintyMs + 2);
    expect(a.diagnosis.settings.electionTimeoutMs).toBe(1_000);
    expect(a.diagnosis.walSyncs.count).toBeGreaterThan(0);
    expect(a.diagnosis.links.find(({ to }) => to === "b")!.roundTripMs).toBeGreaterThan(0);
    const table = await call("doctor", ...flags);
    expect(table.out).toContain("NOT_REACHED");
    expect(table.out).toMatch(/member +address +clock ahead/u);
  });
});
