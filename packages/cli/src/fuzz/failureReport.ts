import { shellWord } from "../commands/simArguments.js";
import type { KeptFailure } from "./keepFailure.js";

/** What `--json` tells of one failure. */
export interface FailureReport {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
  readonly replay: string;
  readonly scenario: string;
  readonly shrunk: {
    readonly scenario: string;
    readonly replay: string;
    readonly runs: number;
    readonly story: readonly string[];
  } | null;
  readonly notShrunk: string | null;
}

export function reportFailure({ failure, path, shrunkPath }: KeptFailure, program: string): FailureReport {
  const { seed, check, message, shrunk, notShrunk } = failure;
  return {
    seed,
    check,
    message,
    replay: replay(program, path),
    scenario: path,
    shrunk:
      shrunk === null || shrunkPath === null
        ? null
        : { scenario: shrunkPath, replay: replay(program, shrunkPath), runs: shrunk.runs, story: shrunk.story },
    notShrunk,
  };
}

function replay(program: string, path: string): string {
  return `${program} sim ${shellWord(path)}`;
}
