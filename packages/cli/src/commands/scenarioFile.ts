import { readFile, stat } from "node:fs/promises";
import { ScenarioError, validateScenario, type Scenario } from "@balsa/sim";
import { fileError, UsageError } from "../usageError.js";

/** A scenario is written by a person; a larger file is not one. */
const MAX_SCENARIO_BYTES = 64 * 1_048_576;

/**
 * Reads the document of a scenario, of whatever kind.
 * @throws UsageError for a file that can't be read or is not JSON.
 */
export async function readDocument(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("BAD_SCENARIO", `${path} is not JSON: ${why}.`, { argument: "SCENARIO.json" }, { cause });
  }
}

/**
 * Checks what was read.
 * @throws UsageError for a document that is no scenario, naming the place.
 */
export function toScenario(path: string, document: unknown): Scenario {
  try {
    return validateScenario(document);
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    const place = { argument: "SCENARIO.json", expected: cause.expected };
    throw new UsageError("BAD_SCENARIO", `${path}: ${cause.message}`, place, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_SCENARIO_BYTES) throw new Error(`it is larger than ${String(MAX_SCENARIO_BYTES)} bytes`);
    return await readFile(path, "utf8");
  } catch (cause) {
    throw fileError("SCENARIO.json", "read", path, cause);
  }
}
