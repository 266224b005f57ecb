import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scenario } from "@balsa/sim";
import { fileError } from "../usageError.js";
import type { Failure } from "./failure.js";

/** Where the scenarios of a failure are: the smaller one where there is one. */
export interface KeptFailure {
  readonly failure: Failure;
  readonly path: string;
  readonly shrunkPath: string | null;
}

/**
 * Writes a failing scenario, and what it was shrunk to, as files that `balsa sim` runs.
 * @throws UsageError when they can't be written
 */
export async function keepFailure(failure: Failure, folder: string): Promise<KeptFailure> {
  const path = join(folder, `seed-${String(failure.seed)}.json`);
  const shrunkPath = failure.shrunk === null ? null : join(folder, `seed-${String(failure.seed)}.shrunk.json`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, toText(failure.scenario));
    if (failure.shrunk !== null && shrunkPath !== null) await writeFile(shrunkPath, toText(failure.shrunk.scenario));
  } catch (cause) {
    throw fileError("--keep", "write to", folder, cause);
  }
  return { failure, path, shrunkPath };
}

function toText(scenario: Scenario): string {
  return `${JSON.stringify(scenario, null, 2)}\n`;
}
