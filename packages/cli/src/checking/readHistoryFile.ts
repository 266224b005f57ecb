import { readFile, stat } from "node:fs/promises";
import { HistoryFormatError, parseHistory, type ParsedHistory, type ParseOptions } from "@balsa/linearizability";
import { fileError, UsageError } from "../usageError.js";

/** A file is read as a whole. */
const MAX_FILE_BYTES = 256 * 1_048_576;

/** @throws UsageError where the file can't be read, is too long, or holds no history. */
export async function readHistoryFile(path: string, options: ParseOptions): Promise<ParsedHistory> {
  const text = await readText(path);
  try {
    return parseHistory(text, options);
  } catch (cause) {
    if (!(cause instanceof HistoryFormatError)) throw cause;
    const { line, expected } = cause;
    throw new UsageError("BAD_INPUT", `${path}, ${cause.message}.`, { argument: path, line, expected }, { cause });
  }
}

async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw tooLong(path);
    bytes = await readFile(path);
  } catch (cause) {
    throw cause instanceof UsageError ? cause : fileError("FILE", "read", path, cause);
  }
  // A pipe has no size until it was read.
  if (bytes.length > MAX_FILE_BYTES) throw tooLong(path);
  return new TextDecoder().decode(bytes);
}

function tooLong(path: string): UsageError {
  const expected = `at most ${String(MAX_FILE_BYTES / 1_048_576)} MiB`;
  return new UsageError("BAD_INPUT", `${path} is too long; expected ${expected}.`, { argument: path, expected });
}
