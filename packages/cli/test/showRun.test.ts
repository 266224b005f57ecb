import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as Sim from "@balsa/sim";
import type { RunState, Simulation, SimulationHooks, SimulationReport, TraceEvent } from "@balsa/sim";
import { run } from "../src/index.js";
import { chunks, fakeIo, type FakeIoOptions } from "./support/fakeIo.js";
import { sampleReport } from "./support/sampleReport.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

/** A world whose end is known: it tells one event a slice, takes all input, and reports what it is given. */
interface World {
  report: unknown;
  events: unknown[];
  submitted: unknown[];
  slices: number;
}

const world = vi.hoisted((): World => ({ report: null, events: [], submitted: [], slices: 0 }));

vi.mock("@balsa/sim", async (original) => ({
  ...(await original<typeof Sim>()),
  createSimulation: (scenario: Sim.Scenario, hooks: SimulationHooks): Simulation => {
    let events = 0;
    let inputError: string | null = null;
    const take = (): RunState => {
      for (let next = hooks.commands?.next(); next !== undefined; next = hooks.commands?.next()) {
        if (next === "wait") return "needsInput";
        if (next === "end") break;
        if ("error" in next) {
          inputError = next.error;
          break;
        }
        world.submitted.push(next.command);
      }
      return "done";
    };
    return {
      scenario,
      timeMs: 10_000,
      steps: 1,
      phase: "faults",
      commandsSubmitted: 0,
      commandsCommitted: 0,
      run: () => {
        world.slices++;
        const event = world.events[events++] as TraceEvent | undefined;
        if (event === undefined) return take();
        hooks.onTrace?.(event);
        return "running";
      },
      report: () => ({ ...(world.report as SimulationReport), scenario, seed: scenario.seed, inputError }),
    };
  },
}));

const LEADS: TraceEvent = { timeMs: 1_000, step: 1, node: "n1", what: "leaderElected", term: 1 };
const SENDS: TraceEvent = {
  timeMs: 1_001,
  step: 2,
  node: "n1",
  what: "messageSent",
  from: "n1",
  to: "n2",
  message: "heartbeatRequest",
  term: 1,
  detail: "round 1",
};
const VIOLATION = { check: "logMatching", step: 77, timeMs: 5_000, node: "n2", message: "The logs differ at 3." };
const VIOLATION_LINE =
  "VIOLATED: log matching, at step 77 (5.000 s, n2): The logs differ at 3. Replay: balsa sim --seed 1";

const file = temporaryFolder();

beforeEach(() => {
  world.report = sampleReport();
  world.events = [LEADS, SENDS];
  world.submitted = [];
  world.slices = 0;
});

async function call(line: string, options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const status = await run(line.split(" "), io);
  return { status, out: io.out(), err: io.err() };
}

describe("a run that held", () => {
  test("ends with status 0, after its story and its report", async () => {
    const { status, out, err } = await call("sim --seed 1");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^ {4}1\.000 {2}n1 {4}leads term 1\n\nTimeline\n/);
    expect(out).toMatch(/OK: all held.*\n {2}replay: balsa sim --seed 1\n$/s);
  });

  test("is told by its verdict alone with --quiet", async () => {
    expect((await call("sim --seed 1 --quiet")).out).toMatch(/^OK: all held\..*\n/);
  });

  test("draws a seed and tells it where none was given", async () => {
    expect((await call("sim")).out).toContain("replay: balsa sim --seed 4711");
  });

  test("with --json is one document with exactly the fields that are documented", async () => {
    const { status, out, err } = await call("sim --seed 1 --json");
    expect([status, err]).toEqual([0, ""]);
    const document = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(document).join(" ")).toBe(
      "ok seed digest nodes simulatedMs wallMs leaderElections commandsSubmitted commandsCommitted messages faults " +
        "checks violations linearizable finalStates",
    );
    expect(document["wallMs"]).toBeGreaterThan(0);
  });

  test("is replayed by npx where npm runs the command", async () => {
    const { out } = await call("demo", { environment: { npm_lifecycle_event: "start" } });
    expect(out).toContain("replay: npx balsa demo --seed 7");
  });
});

describe("a run that was violated", () => {
  beforeEach(() => {
    world.report = sampleReport({ ok: false, violations: [VIOLATION] });
  });

  test("ends with status 1, and says in the first line what, at which step, and how to replay it", async () => {
    const { status, out } = await call("sim --seed 1");
    expect(status).toBe(1);
    expect(out.split("\n")[0]).toBe(VIOLATION_LINE);
    expect((await call("sim --seed 1 --quiet")).out).toBe(`${VIOLATION_LINE}\n`);
  });

  test("says so on standard error where standard output is one document", async () => {
    const { status, out, err } = await call("sim --seed 1 --json");
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, violations: [VIOLATION] });
    expect(err).toBe(`${VIOLATION_LINE}\n`);
  });
});

describe("input from a stream", () => {
  test("is pulled as it comes", async () => {
    const { status } = await call("sim --seed 1 --machine counter --input -", { stdin: chunks("add 1\nad", "d 2\n") });
    expect(status).toBe(0);
    expect(world.submitted).toEqual([
      { type: "add", amount: 1 },
      { type: "add", amount: 2 },
    ]);
  });

  test("that has a wrong line ends with status 2, the line, and a report of what was committed before", async () => {
    const wrong = () => ({ stdin: chunks("add 1\n", "add x\nadd 3\n") });
    const { status, out, err } = await call("sim --seed 1 --machine counter --input -", wrong());
    expect(status).toBe(2);
    expect(world.submitted).toEqual([{ type: "add", amount: 1 }]);
    expect(out).toContain("999 committed");
    expect(out).toContain("STOPPED: line 2 of the input is wrong. 999 commands committed before.");
    const quiet = await call("sim --seed 1 --machine counter --quiet --input -", wrong());
    expect(quiet.out).toMatch(/^STOPPED: line 2 of the input is wrong\. 999 commands committed before\.\n/);
    expect(err).toMatch(/^balsa: standard input, line 2: "x" can't be added/);
    const asJson = await call("sim --seed 1 --machine counter --json --input -", wrong());
    expect(asJson.status).toBe(2);
    expect(JSON.parse(asJson.out)).toMatchObject({
      ok: false,
      commandsCommitted: 999,
      error: { code: "BAD_INPUT", argument: "--input", line: 2 },
    });
  });
});

describe("a run that is interrupted", () => {
  test("ends with status 130 and a report of how far it went", async () => {
    const interrupted = AbortSignal.abort();
    const { status, out } = await call("sim --seed 1", { interrupted });
    expect(status).toBe(130);
    expect(world.slices).toBe(0);
    expect(out).toContain("INTERRUPTED: nothing was violated so far.");
    const asJson = await call("sim --seed 1 --json", { interrupted });
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: false, interrupted: true });
  });

  test("does so while it waits for input that never comes", async () => {
    const interruption = new AbortController();
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const ended = call("sim --machine kv --input -", { stdin: never, interrupted: interruption.signal });
    setImmediate(() => {
      interruption.abort();
    });
    expect((await ended).status).toBe(130);
  });
});

describe("where the output goes", () => {
  test("a closed pipe ends the command quietly with status 141", async () => {
    const { status, err } = await call("sim --seed 1", { stdoutBreaksAfter: 0 });
    expect([status, err]).toEqual([141, ""]);
  });

  test("a terminal sees each line as it happens, in colour, unless NO_COLOR is set", async () => {
    const { out } = await call("sim --seed 1", { terminal: true });
    expect(out).toContain("\x1b[");
    const { out: bare } = await call("sim --seed 1", { terminal: true, environment: { NO_COLOR: "1" } });
    expect(bare).not.toContain("\x1b[");
    world.report = sampleReport({ ok: false, violations: [VIOLATION] });
    const violated = await call("sim --seed 1", { terminal: true, environment: { NO_COLOR: "1" } });
    expect(violated.out.split("\n")[0]).toContain("leads term 1");
  });

  test("BALSA_LOG=debug shows every message on standard error, also with --json", async () => {
    const { out, err } = await call("sim --seed 1 --json", { environment: { BALSA_LOG: "debug" } });
    expect(err).toContain("messageSent from=n1 to=n2 message=heartbeatRequest");
    expect(() => JSON.parse(out) as unknown).not.toThrow();
  });

  test("a trace has every event, whatever else is shown", async () => {
    const path = file("run.jsonl");
    await call(`sim --seed 1 --quiet --trace ${path}`);
    const events = readFileSync(path, "utf8").trim().split("\n");
    expect(events.map((line) => JSON.parse(line) as unknown)).toEqual([LEADS, SENDS]);
    expect((await call(`sim --trace ${file("none/run.jsonl")}`)).status).toBe(2);
  });
});
