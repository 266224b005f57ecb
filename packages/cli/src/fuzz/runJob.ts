import { drawScenario } from "@balsa/sim";
import { runSeed } from "./seedRun.js";
import { shrinkFailure } from "./shrinkFailure.js";
import type { SeedJob, WorkerEvent } from "./workerProtocol.js";

const ALIVE_EVERY_MS = 1_000;

/** Does one job from beginning to end. `now` is a clock that only rises. */
export function runJob(
  { profile, seed, shrinkMs }: SeedJob,
  tell: (event: WorkerEvent) => void,
  now: () => number,
): void {
  let toldAt = now();
  const alive = (doing: "run" | "shrink"): void => {
    if (now() - toldAt < ALIVE_EVERY_MS) return;
    toldAt = now();
    tell({ type: "alive", doing });
  };
  const result = runSeed(profile, seed, () => {
    alive("run");
  });
  const { violation } = result;
  if (violation === null) return tell({ type: "done", result, shrunk: null, notShrunk: null });
  if (shrinkMs === 0) return tell({ type: "done", result, shrunk: null, notShrunk: "others were shrunk before" });
  const untilMs = now() + shrinkMs;
  try {
    const shrunk = shrinkFailure(drawScenario(profile, seed), violation, () => {
      alive("shrink");
      return now() > untilMs;
    });
    tell({ type: "done", result, shrunk, notShrunk: null });
  } catch (error) {
    // The failure that was found matters more than that it could not be made smaller.
    tell({ type: "done", result, shrunk: null, notShrunk: error instanceof Error ? error.message : String(error) });
  }
}
