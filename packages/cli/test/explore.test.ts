import { readFile, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type * as ExploreModule from "@balsa/explore";
import { run } from "../src/index.js";
import { fakeIo, type FakeIoOptions } from "./support/fakeIo.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

/** What a search of a broken core would come to: the real one breaks no rule, so one that does is made up. */
const broken = vi.hoisted(() => ({ isBroken: false }));

vi.mock("@balsa/explore", async (importOriginal) => {
  const real = await importOriginal<typeof ExploreModule>();
  const violation = { rule: "electionSafety", node: "n2", message: "leads term 2, which n1 has led" } as const;
  const action = { do: "timeOut", node: "n1" } as const;
  const outcome = ["n1: candidate in term 2, votes for n1"];
  class Exploration extends real.Exploration {
    override run(maxExpansions: number): ExploreModule.ExplorationStatus {
      return broken.isBroken ? "violated" : super.run(maxExpansions);
    }
    override report(): ExploreModule.ExplorationReport {
      return broken.isBroken ? { ...super.report(), status: "violated", violation } : super.report();
    }
    override trace(): ExploreModule.Trace | null {
      return broken.isBroken ? { steps: [{ action, outcome, violation }], startSteps: 0, violation } : null;
    }
  }
  return { ...real, Exploration };
});

afterEach(() => {
  broken.isBroken = false;
});

async function call(args: readonly string[], options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

const SMALL = ["explore", "--terms", "1", "--commands", "0"];

describe("balsa explore", () => {
  test("ends with 0 when every state was looked at, and says how many", async () => {
    const { status, out } = await call(SMALL);
    expect(status).toBe(0);
    expect(out).toMatch(/^OK: every one of 673 states was looked at, and every rule held\.\n/);
    expect(out).toContain("Depth      16 steps");
    expect(out).toMatch(/Speed {6}[\d,]+ states a second of the processor, one worker/);
  });

  test("with --json prints one document", async () => {
    const { status, out } = await call([...SMALL, "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, status: "exhausted", states: 673, depth: 16, trace: null });
  });

  test("ends with 3 when the bound on states was reached", async () => {
    const { status, out } = await call(["explore", "--max-states", "500", "--quiet"]);
    expect(status).toBe(3);
    expect(out).toContain("NOT FINISHED: the bound on states was reached at 50");
  });

  test("ends with 130 when it is interrupted, and reports what it has seen", async () => {
    const { status, out } = await call(["explore", "--terms", "5"], { interrupted: AbortSignal.abort() });
    expect(status).toBe(130);
    expect(out).toMatch(/^INTERRUPTED after [\d,]+ states\. Nothing was violated so far\./);
  });

  test("ends with 1 on a violation, shows the trace, and writes it as a scenario that balsa sim takes", async () => {
    broken.isBroken = true;
    const path = file("found.json");
    const { status, out } = await call([...SMALL, "--out", path]);
    expect(status).toBe(1);
    expect(out).toMatch(/^VIOLATED: election safety: n2 leads term 2, which n1 has led\.\n/);
    expect(out).toContain("  1  n1 waits in vain for a leader\n       n1: candidate in term 2, votes for n1\n");
    expect(out).toContain(`Replay: balsa sim ${path}`);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      version: 1,
      explored: { actions: [{ do: "timeOut", node: "n1" }], found: { rule: "electionSafety" } },
    });

    const again = await call(["sim", path]);
    expect(again.status).toBe(0);
    expect(again.out).toContain("OK: every rule held through 1 step.\n");
  });

  test.each<[readonly string[], string]>([
    [["--nodes", "6"], '--nodes is "6"; it must be a whole number from 1 to 5.'],
    [["--crashes", "-1"], '--crashes is "-1"; it must be a whole number from 0 to 15.'],
    [["--nodes", "5", "--spares", "2"], "--spares must be so few that there are at most 6 nodes in all."],
    [["--disk", "slow"], '--disk is "slow"; it must be lazy or instant.'],
    [["--rules", "electionSafty"], "(did you mean electionSafety?)"],
    [["--change-kinds", "swap"], '--change-kinds is "swap"; it must be a comma-separated choice of remove,'],
    [["--max-states", "0"], "--max-states is"],
    [["--out", "-"], '--out is "-"; it must be the name of a file.'],
    [["--trems", "2"], "unknown option '--trems' (Did you mean --terms?)"],
  ])("refuses %j", async (args, message) => {
    const { status, out, err } = await call(["explore", ...args]);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
  });
});

describe("balsa sim with a trace", () => {
  async function sim(document: unknown, ...flags: readonly string[]) {
    const path = file("trace.json");
    await writeFile(path, JSON.stringify(document));
    return call(["sim", path, ...flags]);
  }
  const trace = (...actions: readonly unknown[]) => ({ version: 1, explored: { bounds: {}, actions } });

  test("ends with 3 where a step can't be taken, and names it", async () => {
    const { status, out } = await sim(trace({ do: "timeOut", node: "n1" }, { do: "propose", node: "n2" }));
    expect(status).toBe(3);
    expect(out.replaceAll("\n", " ")).toContain("NOT REPLAYED: explored.actions[1] can't be taken here");
    expect(out).toContain("What could come next here:\n");
  });

  test("refuses a wrong document, and flags that mean nothing to it", async () => {
    const wrong = await sim(trace({ do: "explode" }));
    expect(wrong.status).toBe(2);
    expect(wrong.err).toContain("explored.actions[0].do must be one of deliver,");
    const flags = await sim(trace(), "--seed", "3");
    expect(flags.status).toBe(2);
    expect(flags.err).toContain("--seed can't be given together with");
  });

  test("with --json prints one document", async () => {
    const { status, out } = await sim(trace({ do: "timeOut", node: "n1" }), "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, violation: null, stoppedAt: null });
  });
});
