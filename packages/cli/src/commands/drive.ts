import { setTimeout as sleep } from "node:timers/promises";
import type { Simulation } from "@balsa/sim";
import type { CommandInput } from "../input/commandInput.js";

/** Steps between two looks at the world outside: at SIGINT, at files to be written, at the clock. */
const SLICE_STEPS = 5_000;
/** While a run is shown at a pace, how often the screen moves. */
const FRAME_MS = 40;

export interface DriveOptions {
  readonly input: CommandInput | null;
  readonly interrupted: AbortSignal;
  /** Simulated milliseconds shown in one of the wall clock; null: as fast as it goes. */
  readonly pace: number | null;
  /** Awaited after each slice: writes out what the slice has told. */
  readonly afterSlice: () => Promise<void>;
}

/** Runs a simulation to its end. False when it was interrupted before. */
export async function drive(simulation: Simulation, options: DriveOptions): Promise<boolean> {
  const { input, interrupted, pace } = options;
  for (;;) {
    if (interrupted.aborted) return false;
    const untilMs = pace === null ? {} : { untilMs: simulation.timeMs + pace * FRAME_MS };
    const state = simulation.run({ maxSteps: SLICE_STEPS, ...untilMs });
    await options.afterSlice();
    if (state === "done") return true;
    if (state === "needsInput" && input !== null) await untilFilled(input, interrupted);
    else if (pace === null || simulation.phase !== "faults") await letOthersRun();
    else await sleep(FRAME_MS);
  }
}

/** SIGINT and the like are heard only when the event loop goes round. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function untilFilled(input: CommandInput, interrupted: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    interrupted.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([input.fill(), aborted]);
  interrupted.removeEventListener("abort", stop);
}
