import { EXIT } from "../exitStatus.js";
import { splitWords, WordError } from "../input/words.js";
import { UsageError } from "../usageError.js";
import type { Told } from "./failure.js";
import { parseOperation, type Operation } from "./keyValueCommands.js";

/**
 * Reads one line; null where it asks for nothing: an empty one, or one that begins with `#`.
 * @throws UsageError
 */
export function parseLine(text: string): Operation | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.startsWith("#")) return null;
  try {
    return parseOperation(splitWords(trimmed));
  } catch (cause) {
    if (!(cause instanceof WordError)) throw cause;
    throw new UsageError("BAD_INPUT", `${cause.message}.`, {}, { cause });
  }
}

/** A line that was wrong, for a person and for a program. */
export function describeMistake(
  { code, message }: UsageError,
  { json }: { readonly json?: true },
  line: number | null,
): Told {
  const place = line === null ? {} : { line };
  const out = json === true ? `${JSON.stringify({ ok: false, error: { code, message, ...place } })}\n` : "";
  return { out, err: `${line === null ? "" : `line ${String(line)}: `}${message}\n`, status: EXIT.usage };
}

/** Whether whoever types wants to leave. */
export function isExit(text: string): boolean {
  const word = text.trim();
  return word === "exit" || word === "quit";
}
