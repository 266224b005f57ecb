import { RefusedError, type Outcome } from "@balsa/replica";
import {
  createSimulation,
  type Program,
  type ProgramProcess,
  type ProgramWorld,
  type Scenario,
  type SimulationReport,
} from "@balsa/sim";
import { Recipes, RecipesMachine, type RecipeClock, type RecipeStore } from "../../src/index.js";
import { encodeRecipeRequest } from "../../src/machine/recipesMachine.js";

/** One instance of a service, which uses recipes by the same code as outside of the simulator. */
export interface Instance {
  readonly name: string;
  readonly process: ProgramProcess;
  readonly clock: RecipeClock;
  readonly recipes: Recipes;
  readonly random: () => number;
  /** Aborted when the faults are over. */
  readonly signal: AbortSignal;
  sleep(durationMs: number): Promise<void>;
}

export interface ServiceOptions {
  readonly instances: number;
  /** How far the instances' clocks run apart: 0.05 is five in a hundred, either way. */
  readonly clockDrift: number;
  /** Mean time between pauses of an instance; 0: there are none. Each lasts up to `maxPauseMs`. */
  readonly pauseEveryMs?: number;
  readonly maxPauseMs?: number;
  /** Mean time between cuts of an instance's connection; 0: there are none. Each lasts up to `maxCutMs`. */
  readonly cutEveryMs?: number;
  readonly maxCutMs?: number;
}

export interface ServiceRun {
  readonly report: SimulationReport;
  /** What the instances' main programs rejected with. */
  readonly failures: readonly unknown[];
}

/** What wall clocks show at the beginning, give or take half a second. */
export const EPOCH_MS = Date.UTC(2030, 0, 1);

/** Runs a service in the simulated world: `main` in each instance, and the faults of the scenario. */
export async function simulateService(
  scenario: Scenario,
  options: ServiceOptions,
  main: (instance: Instance, world: ProgramWorld) => Promise<void>,
): Promise<ServiceRun> {
  const over = new AbortController();
  const failures: unknown[] = [];
  const program: Program = {
    createMachine: () => new RecipesMachine(),
    harmless: encodeRecipeRequest("counter", "probe", { do: "add", amount: 0 }),
    start(world) {
      for (let i = 0; i < options.instances; i += 1) {
        const instance = newInstance(world, `i${String(i + 1)}`, options, over.signal);
        main(instance, world).catch((error: unknown) => {
          if (!over.signal.aborted) failures.push(error);
        });
      }
    },
    stop: () => over.abort(new Error("the faults are over")),
  };
  const simulation = createSimulation(scenario, { program });
  // What a step resolves goes on before the next step: so the order is the same in each run.
  while (simulation.run({ maxSteps: 1 }) !== "done") await new Promise((resolve) => setImmediate(resolve));
  return { report: simulation.report(), failures };
}

function newInstance(world: ProgramWorld, name: string, options: ServiceOptions, signal: AbortSignal): Instance {
  const process = world.newProcess(name);
  const random = world.random(name);
  process.setClockRate(1 + (2 * random() - 1) * options.clockDrift);
  const wallError = (2 * random() - 1) * 500;
  const clock: RecipeClock = {
    now: () => process.clock.now(),
    wallNow: () => EPOCH_MS + Math.round(world.nowMs + wallError),
    setTimer: (deadline, callback) => process.clock.setTimer(deadline, callback),
  };
  let tokens = 0;
  const recipes = Recipes.onClient(storeOf(process), { clock, newToken: () => `${name}/${String((tokens += 1))}` });
  const { pauseEveryMs = 0, maxPauseMs = 0, cutEveryMs = 0, maxCutMs = 0 } = options;
  if (pauseEveryMs > 0) {
    const pause = {
      begin: () => process.pause(),
      end: () => process.resume(),
      everyMs: pauseEveryMs,
      maxMs: maxPauseMs,
    };
    nowAndThen(world, `${name}/pauses`, pause, signal);
  }
  if (cutEveryMs > 0) {
    const cut = { begin: () => process.cutOff(), end: () => process.connect(), everyMs: cutEveryMs, maxMs: maxCutMs };
    nowAndThen(world, `${name}/cuts`, cut, signal);
  }
  const sleep = (durationMs: number): Promise<void> =>
    new Promise((resolve) => clock.setTimer(clock.now() + durationMs, resolve));
  return { name, process, clock, recipes, random, signal, sleep };
}

interface Trouble {
  begin(): void;
  end(): void;
  readonly everyMs: number;
  readonly maxMs: number;
}

function nowAndThen(
  world: ProgramWorld,
  purpose: string,
  { begin, end, everyMs, maxMs }: Trouble,
  signal: AbortSignal,
): void {
  const random = world.random(purpose);
  const next = (): void =>
    world.after(2 * everyMs * random(), () => {
      if (signal.aborted) return;
      begin();
      world.after(maxMs * random(), () => {
        end();
        next();
      });
    });
  next();
}

function storeOf({ client }: ProgramProcess): RecipeStore {
  const settle = <T>(resolve: (value: T) => void, reject: (error: Error) => void) => {
    return (outcome: Outcome<T>): void => (outcome.ok ? resolve(outcome.value) : reject(new RefusedError(outcome)));
  };
  return {
    propose: async (command, { timeoutMs = 10_000 }) => {
      const applied = await new Promise<{ readonly result: Uint8Array }>((resolve, reject) => {
        client.propose(command, timeoutMs, settle(resolve, reject));
      });
      return applied.result;
    },
    read: (question, { timeoutMs = 10_000, consistency = "linearizable" }) =>
      new Promise<Uint8Array>((resolve, reject) => {
        client.read(question, consistency, timeoutMs, settle(resolve, reject));
      }),
  };
}
