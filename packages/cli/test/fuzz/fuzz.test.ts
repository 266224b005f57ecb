import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Coverage, drawScenario, SITUATIONS, validateScenario, type Violation } from "@balsa/sim";
import { fuzz } from "../../src/commands/fuzz.js";
import type { CampaignReport } from "../../src/fuzz/campaignReport.js";
import type { FuzzFlags } from "../../src/fuzz/fuzzArguments.js";
import { runJob } from "../../src/fuzz/runJob.js";
import { runSeed } from "../../src/fuzz/seedRun.js";
import type { FuzzWorkerListener, SeedJob, StartWorker, WorkerEvent } from "../../src/fuzz/workerProtocol.js";
import { fakeIo, type FakeIoOptions } from "../support/fakeIo.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const file = temporaryFolder();

/** Workers that answer in a later turn, as threads do. */
function workers(answer: (job: SeedJob, listener: FuzzWorkerListener) => void): StartWorker {
  return (listener) => {
    let ended = false;
    return {
      ask: (job) => {
        setImmediate(() => {
          if (!ended) answer(job, listener);
        });
      },
      end: () => {
        ended = true;
      },
    };
  };
}

const violation: Violation = { check: "electionSafety", step: 9, timeMs: 90, node: "n1", message: "two lead term 4" };

function done(seed: number, found: Violation | null = null, reaches: "all" | "none" = "all"): WorkerEvent {
  const coverage = new Coverage();
  if (reaches === "all") for (const { name } of SITUATIONS) coverage.reach(name);
  const result = {
    seed,
    digest: `d${String(seed)}`,
    simulatedMs: 1_000,
    coverage: coverage.counts,
    undecided: false,
    violation: found,
  };
  if (found === null) return { type: "done", result, shrunk: null, notShrunk: null };
  const scenario = { ...drawScenario("swarm", seed), durationMs: 5 };
  return {
    type: "done",
    result,
    shrunk: { scenario, violation: found, runs: 12, story: ["it ends"] },
    notShrunk: null,
  };
}

async function campaign(flags: FuzzFlags, startWorker: StartWorker, options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const status = await fuzz({ keep: file("kept"), workers: 3, ...flags }, io, startWorker);
  return { status, out: io.out(), err: io.err() };
}

async function report(flags: FuzzFlags, startWorker: StartWorker, options: FakeIoOptions = {}) {
  const { status, out, err } = await campaign({ ...flags, json: true }, startWorker, options);
  return { status, err, report: JSON.parse(out) as CampaignReport };
}

describe("a campaign", () => {
  const allHold = workers(({ seed }, listener) => {
    listener.told(done(seed));
  });

  test("runs each of its seeds once, and ends with status 0 when all held", async () => {
    const asked: number[] = [];
    const startWorker = workers(({ seed }, listener) => {
      asked.push(seed);
      listener.told(done(seed));
    });
    const { status, report: told } = await report({ seeds: { first: 11, last: 30 } }, startWorker);
    expect(asked.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 11));
    expect(status).toBe(0);
    expect(told).toMatchObject({ ok: true, seedsDone: 20, ended: "allSeeds", simulatedMs: 20_000, failures: [] });
  });

  test("has one digest for the same seeds, whatever the workers and the order", async () => {
    const seeds = { first: 1, last: 9 };
    const late = workers(({ seed }, listener) => {
      const wait = seed % 2 === 0 ? setImmediate : queueMicrotask;
      wait(() => {
        listener.told(done(seed));
      });
    });
    const digests = [
      (await report({ seeds }, allHold)).report.digest,
      (await report({ seeds, workers: 1 }, allHold)).report.digest,
      (await report({ seeds, workers: 7 }, late)).report.digest,
    ];
    expect(new Set(digests).size).toBe(1);
    expect((await report({ seeds: { first: 1, last: 8 } }, allHold)).report.digest).not.toBe(digests[0]);
  });

  test("keeps a failure as two scenarios, tells its last steps and how to replay it, and ends with status 1", async () => {
    const startWorker = workers(({ seed }, listener) => {
      listener.told(done(seed, seed === 3 ? violation : null));
    });
    const { status, out } = await campaign({ seeds: { first: 1, last: 5 } }, startWorker);
    expect(status).toBe(1);
    expect(out).toContain("FAILED: seed 3: election safety: two lead term 4");
    expect(out).toContain("it ends");
    for (const name of ["seed-3.json", "seed-3.shrunk.json"]) {
      expect(out).toContain(`balsa sim ${file("kept")}/${name}`);
      validateScenario(JSON.parse(readFileSync(`${file("kept")}/${name}`, "utf8")));
    }
    expect(existsSync(`${file("kept")}/seed-2.json`)).toBe(false);
  });

  test("takes a seed that ends its worker for a failure, and goes on with another worker", async () => {
    let started = 0;
    const breaking = workers(({ seed }, listener) => {
      if (seed === 2) listener.broke("out of memory");
      else listener.told(done(seed));
    });
    const startWorker: StartWorker = (listener) => {
      started += 1;
      return breaking(listener);
    };
    const { status, report: told } = await report({ seeds: { first: 1, last: 8 }, workers: 2 }, startWorker);
    expect([status, started, told.seedsDone]).toEqual([1, 3, 8]);
    expect(told.failures).toMatchObject([{ seed: 2, check: "workerCrashed", message: "out of memory", shrunk: null }]);
  });

  test("takes a worker that says nothing any more for a failure of its seed", async () => {
    const ended: number[] = [];
    const startWorker: StartWorker = (listener) => {
      let at = 0;
      return {
        ask: ({ seed }) => {
          at = seed;
          if (seed !== 2) setImmediate(() => listener.told(done(seed)));
        },
        end: () => {
          ended.push(at);
        },
      };
    };
    // The made-up clock goes on by a minute at each glance.
    const io = fakeIo();
    let nowMs = 0;
    const status = await fuzz(
      { seeds: { first: 1, last: 3 }, workers: 1, keep: file("hung"), json: true },
      { ...io, now: () => (nowMs += 60_000) },
      startWorker,
    );
    const told = JSON.parse(io.out()) as CampaignReport;
    expect(status).toBe(1);
    expect(ended).toContain(2);
    expect(told.failures).toMatchObject([{ seed: 2, check: "workerHung" }]);
    expect(told.seedsDone).toBe(3);
  });

  test("ends when its time is over, with the seeds under way done", async () => {
    const { status, report: told } = await report({ for: 50 }, allHold);
    expect([status, told.ended, told.ok]).toEqual([0, "timeOver", true]);
    expect(told.seedsDone).toBeGreaterThan(0);
  });

  test("reports what was done when it is interrupted, and ends with status 130", async () => {
    const interruption = new AbortController();
    const startWorker = workers(({ seed }, listener) => {
      if (seed === 4) interruption.abort();
      else listener.told(done(seed));
    });
    const { status, report: told } = await report({ workers: 1 }, startWorker, { interrupted: interruption.signal });
    expect([status, told.ended, told.ok, told.seedsDone]).toEqual([130, "interrupted", false, 3]);
  });

  test("gives up when everything fails", async () => {
    const startWorker = workers(({ seed }, listener) => {
      listener.told(done(seed, violation));
    });
    const { status, report: told } = await report({ keep: file("many") }, startWorker);
    expect([status, told.ended]).toEqual([1, "tooManyFailures"]);
    expect(told.failures.length).toBeLessThan(60);
  });

  test("says where it can't keep what failed", async () => {
    const startWorker = workers(({ seed }, listener) => {
      listener.told(done(seed, violation));
    });
    await expect(campaign({ keep: "/dev/null/nowhere" }, startWorker)).rejects.toThrow("--keep: cannot write to");
  });
});

describe("what a campaign never reaches", () => {
  const reachesNothing = workers(({ seed }, listener) => {
    listener.told(done(seed, null, "none"));
  });

  test("makes it fail, once it should have been reached by then", async () => {
    const { status, out } = await campaign({ seeds: { first: 1, last: 200 } }, reachesNothing);
    expect(status).toBe(1);
    expect(out).toContain("MISSING: a follower cut entries off its log");
    // Which is expected later.
    expect(out).not.toContain("MISSING: a leader was elected inside a joint configuration");
  });

  test("is no failure of a campaign that was too short for it, nor of another profile than the swarm", async () => {
    expect((await campaign({ seeds: { first: 1, last: 10 } }, reachesNothing)).status).toBe(0);
    expect((await campaign({ seeds: { first: 1, last: 200 }, profile: "gentle" }, reachesNothing)).status).toBe(0);
  });
});

describe("a job", () => {
  test("runs the drawn scenario of its seed, to the same end each time", () => {
    const events: WorkerEvent[] = [];
    for (let i = 0; i < 2; i += 1) {
      runJob(
        { profile: "gentle", seed: 1, shrinkMs: 0 },
        (event) => events.push(event),
        () => 0,
      );
    }
    expect(events[0]).toMatchObject({ type: "done", result: { seed: 1, violation: null }, shrunk: null });
    expect(events[1]).toEqual(events[0]);
  });

  test("takes a run without end for a failure", () => {
    const { violation: found } = runSeed("gentle", 1, () => undefined, 1);
    expect(found).toMatchObject({ check: "noFailure", message: "the run has not ended after 1 steps" });
  });
});
