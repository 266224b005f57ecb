import { CounterMachine, decodeCounterResult, encodeCounterCommand, encodeCounterQuestion } from "@balsa/replica";
import { describe, expect, test } from "vitest";
import { simulate, type Program, type ProgramProcess, type ProgramWorld, type Scenario } from "../../src/index.js";

const ADD = encodeCounterCommand({ type: "add", amount: 1 });

function totalOf(bytes: Uint8Array): number {
  const result = decodeCounterResult(bytes);
  return result.type === "total" ? result.total : NaN;
}

/** Adds one again and again from a few processes, and notes what came of it. */
class Adders implements Program {
  readonly harmless = encodeCounterCommand({ type: "add", amount: 0 });
  readonly machines: CounterMachine[] = [];
  readonly totals: number[] = [];
  unknown = 0;
  lastRead = 0;
  #isOver = false;
  readonly #onWorld: (world: ProgramWorld, processes: readonly ProgramProcess[]) => void;

  constructor(onWorld: (world: ProgramWorld, processes: readonly ProgramProcess[]) => void = () => undefined) {
    this.#onWorld = onWorld;
  }

  createMachine(): CounterMachine {
    const machine = new CounterMachine();
    this.machines.push(machine);
    return machine;
  }

  start(world: ProgramWorld): void {
    const processes = ["p", "q", "r"].map((name) => world.newProcess(name));
    for (const process of processes) this.#add(process);
    this.#onWorld(world, processes);
  }

  stop(): void {
    this.#isOver = true;
  }

  #add(process: ProgramProcess): void {
    if (this.#isOver) return;
    process.client.propose(ADD, 5_000, (outcome) => {
      if (outcome.ok) this.totals.push(totalOf(outcome.value.result));
      else this.unknown += 1;
      process.client.read(encodeCounterQuestion({ type: "total" }), "linearizable", 5_000, (read) => {
        if (read.ok) this.lastRead = Math.max(this.lastRead, totalOf(read.value));
        process.clock.setTimer(process.clock.now() + 20, () => this.#add(process));
      });
    });
  }
}

const scenario: Scenario = {
  version: 1,
  seed: 7,
  nodes: 3,
  machine: "kv",
  durationMs: 20_000,
  faults: { classes: ["network", "crash", "clock"] },
};

describe("a program of one's own in the simulated world", () => {
  test("has each of its commands take effect once, whatever strikes, and reads what was written", () => {
    const program = new Adders();
    const report = simulate(scenario, { program });
    expect(report.violations).toEqual([]);
    expect(program.totals.length).toBeGreaterThan(100);
    expect(new Set(program.totals).size).toBe(program.totals.length);
    const most = Math.max(...program.machines.map(({ value }) => value));
    expect(most).toBeGreaterThanOrEqual(program.totals.length);
    expect(most).toBeLessThanOrEqual(program.totals.length + program.unknown);
    expect(program.lastRead).toBeLessThanOrEqual(most);
    expect(program.lastRead).toBeGreaterThan(most / 2);
  });

  test("does the same in each run", () => {
    const runs = [new Adders(), new Adders()];
    const digests = runs.map((program) => simulate(scenario, { program }).digest);
    expect(digests[0]).toBe(digests[1]);
    expect(runs[0]?.totals).toEqual(runs[1]?.totals);
  });

  test("hears nothing while it is cut off, and goes on when it is connected again", () => {
    const answered: number[] = [];
    const program = new Adders((world, [p]) => {
      world.after(5_000, () => p!.cutOff());
      world.after(10_000, () => p!.connect());
      const ask = (): void => {
        p!.client.read(encodeCounterQuestion({ type: "total" }), "linearizable", 60_000, () =>
          answered.push(world.nowMs),
        );
        world.after(1_000, ask);
      };
      ask();
    });
    expect(simulate({ ...scenario, faults: [] }, { program }).violations).toEqual([]);
    expect(answered.filter((at) => at > 5_000 && at < 10_000)).toEqual([]);
    expect(answered.length).toBeGreaterThan(15);
  });

  test("runs in processes that stand still while they are paused, and end when they are killed", () => {
    const seen: { readonly at: number; readonly p: number; readonly q: number }[] = [];
    const program = new Adders((world, [p, q]) => {
      const ticks = { p: 0, q: 0 };
      for (const [name, process] of [["p", p!] as const, ["q", q!] as const]) {
        const tick = (): void => {
          ticks[name] += 1;
          process.clock.setTimer(process.clock.now() + 100, tick);
        };
        tick();
      }
      q!.setClockRate(2);
      world.after(5_000, () => p!.pause());
      for (const at of [4_999, 9_999, 15_050]) world.after(at, () => seen.push({ at, ...ticks }));
      world.after(10_000, () => p!.resume());
      world.after(10_000, () => q!.kill());
    });
    expect(simulate({ ...scenario, faults: [] }, { program }).violations).toEqual([]);
    expect(seen).toEqual([
      { at: 4_999, p: 50, q: 100 },
      { at: 9_999, p: 50, q: 200 },
      { at: 15_050, p: 101, q: 200 },
    ]);
  });
});
