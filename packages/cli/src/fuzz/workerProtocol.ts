import type { ProfileName } from "@balsa/sim";
import type { Shrunk } from "./failure.js";
import type { SeedResult } from "./seedRun.js";

/** What a worker is asked: one seed at a time. */
export interface SeedJob {
  readonly profile: ProfileName;
  readonly seed: number;
  /** Whether a failure is to be shrunk, and for how long at most. */
  readonly shrinkMs: number;
}

/** What it tells. `alive` comes often enough to tell a long run from one that hangs; `done` ends the job. */
export type WorkerEvent =
  | { readonly type: "alive"; readonly doing: "run" | "shrink" }
  | {
      readonly type: "done";
      readonly result: SeedResult;
      readonly shrunk: Shrunk | null;
      readonly notShrunk: string | null;
    };

/** Somebody who runs seeds: a thread, or in tests a stand-in. */
export interface FuzzWorker {
  ask(job: SeedJob): void;
  /** Ends it at once, whatever it does. */
  end(): void;
}

export interface FuzzWorkerListener {
  told(event: WorkerEvent): void;
  /** It ended by itself, and will tell nothing more. */
  broke(reason: string): void;
}

export type StartWorker = (listener: FuzzWorkerListener) => FuzzWorker;
