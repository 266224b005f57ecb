import { describe, expect, test } from "vitest";
import { simulateHosts, type HostsReport } from "@balsa/sim";

const SEEDS = Number(process.env["BALSA_SEEDS"] ?? 6);

function sumOf(reports: readonly HostsReport[], of: (report: HostsReport) => number): number {
  return reports.reduce((sum, report) => sum + of(report), 0);
}

describe("three hosts with a member of each of 20 groups", () => {
  test("break no rule, serve without one of them, and come to rest, through all that strikes them", () => {
    const reports = Array.from({ length: SEEDS }, (_, i) => simulateHosts({ seed: i + 1, faultEveryMs: 1_500 }));
    for (const [i, { violations }] of reports.entries()) expect(violations, `seed ${String(i + 1)}`).toEqual([]);
    expect(sumOf(reports, ({ commandsCommitted }) => commandsCommitted)).toBeGreaterThan(100 * SEEDS);
    expect(sumOf(reports, ({ rests }) => rests)).toBeGreaterThan(200 * SEEDS);
    for (const kind of ["crash", "powerLoss", "pause", "partition", "loss", "clock"] as const) {
      expect(
        sumOf(reports, ({ faults }) => faults[kind]),
        kind,
      ).toBeGreaterThan(0);
    }
  });

  test("go through a storm of faults while they are busy, and let go of the log they share", () => {
    const seeds = Math.ceil(SEEDS / 3);
    const reports = Array.from({ length: seeds }, (_, i) =>
      simulateHosts({ seed: 1_001 + i, faultEveryMs: 500, commandsPerSecond: 4 }),
    );
    for (const [i, { violations }] of reports.entries()) expect(violations, `seed ${String(1_001 + i)}`).toEqual([]);
    expect(sumOf(reports, ({ segmentsRemoved }) => segmentsRemoved)).toBeGreaterThan(10 * seeds);
  });

  test("end with leaders spread evenly, where nothing strikes them and where much does", () => {
    for (const faults of [[], ["crash", "powerLoss"]] as const) {
      expect(simulateHosts({ seed: 7, groups: 21, durationMs: 10_000, faults }).led).toEqual({ n1: 7, n2: 7, n3: 7 });
    }
  });

  test("do the same for the same seed, and something else for another", () => {
    const digests = [3, 3, 4].map((seed) => simulateHosts({ seed, durationMs: 5_000 }).digest);
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });
});

test("five hosts keep to the same", () => {
  expect(simulateHosts({ seed: 11, hosts: 5, groups: 10, faultEveryMs: 1_000 }).violations).toEqual([]);
});
