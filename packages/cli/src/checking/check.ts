import { writeFile } from "node:fs/promises";
import {
  checkHistory,
  DEFAULT_MAX_MEMORY_BYTES,
  explain,
  renderHistoryHtml,
  type AnyOperation,
  type CheckResult,
  type Defined,
  type HistoryFormat,
  type ModelName,
  type ParsedHistory,
} from "@balsa/linearizability";
import { writeDuration } from "../duration.js";
import { formatError, jsonError } from "../errorOutput.js";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { fileError, UsageError } from "../usageError.js";
import { readHistoryFile } from "./readHistoryFile.js";

export interface CheckFlags {
  readonly model?: ModelName;
  readonly format?: HistoryFormat | "auto";
  readonly timeout?: number;
  readonly html?: string;
  readonly json?: true;
}

interface Checked {
  readonly path: string;
  readonly history: ParsedHistory;
  readonly result: CheckResult<unknown, Defined>;
  readonly wallMs: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MEMORY = `${String(DEFAULT_MAX_MEMORY_BYTES / 1_048_576)} MiB of memory`;

/** The verdicts' statuses; of several files the first that occurs is the command's. */
const STATUS_ORDER = [EXIT.usage, EXIT.violated, EXIT.unknown, EXIT.ok];

/**
 * `balsa check`: tells of each file whether its history is linearizable, and gives the exit status.
 * @throws UsageError where the call is wrong; what is wrong with a file is told in its turn.
 */
export async function check(paths: readonly string[], flags: CheckFlags, io: CommandIo): Promise<number> {
  if (flags.html !== undefined && paths.length > 1) {
    const expected = "one FILE only";
    throw new UsageError("BAD_ARGUMENT", `--html draws one history; expected ${expected}.`, {
      argument: "--html",
      expected,
    });
  }
  // A search is one long calculation: nothing would hear the signal before its end.
  io.endOnInterrupt();
  const statuses = new Set<number>();
  for (const path of paths) {
    try {
      const checked = await checkFile(path, flags, io);
      if (flags.html !== undefined) await draw(checked, flags.html);
      await write(io.stdout, flags.json === true ? `${JSON.stringify(toJson(checked))}\n` : tell(checked, flags));
      statuses.add(statusOf(checked));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (flags.json === true) await write(io.stdout, `${JSON.stringify({ file: path, error: jsonError(error) })}\n`);
      await write(io.stderr, formatError(error));
      statuses.add(EXIT.usage);
    }
  }
  return STATUS_ORDER.find((status) => statuses.has(status)) ?? EXIT.ok;
}

async function checkFile(path: string, { model, format, timeout }: CheckFlags, io: CommandIo): Promise<Checked> {
  const beganAt = io.now();
  const history = await readHistoryFile(path, {
    ...(format !== undefined && format !== "auto" && { format }),
    ...(model !== undefined && { model }),
  });
  const stopAt = beganAt + (timeout ?? DEFAULT_TIMEOUT_MS);
  const result = checkHistory(history.model, history.operations, {
    maxStates: Number.MAX_SAFE_INTEGER,
    shouldStop: () => io.now() > stopAt,
  });
  return { path, history, result, wallMs: Math.round((io.now() - beganAt) * 1_000) / 1_000 };
}

function statusOf({ result }: Checked): number {
  switch (result.verdict) {
    case "linearizable":
      return EXIT.ok;
    case "illegal":
      return EXIT.violated;
    case "unknown":
      return EXIT.unknown;
  }
}

function toJson({ path, history, result, wallMs }: Checked): object {
  const { modelName, format, invoked } = history;
  const told = { file: path, verdict: result.verdict, model: modelName, format, operations: invoked, wallMs };
  switch (result.verdict) {
    case "linearizable":
      return told;
    case "unknown":
      return { ...told, spent: result.spent };
    case "illegal": {
      const describe = (operation: AnyOperation): object => ({
        ...operation,
        output: operation.output ?? null,
        text: history.model.describe?.(operation.input, operation.output),
      });
      const { partition, longestPrefix } = result;
      return { ...told, partition, prefixOperations: longestPrefix.length, stuckOn: result.stuckOn.map(describe) };
    }
  }
}

function tell({ path, history, result, wallMs }: Checked, { timeout = DEFAULT_TIMEOUT_MS }: CheckFlags): string {
  const what = `${history.modelName}, ${String(history.invoked)} operations, ${wallMs.toFixed(0)} ms`;
  switch (result.verdict) {
    case "linearizable":
      return `${path}: linearizable (${what})\n`;
    case "unknown": {
      const limit = result.spent === "time" ? `the ${writeDuration(timeout)} of --timeout` : MEMORY;
      return `${path}: unknown, ${limit} did not do (${what})\n`;
    }
    case "illegal":
      return `${path}: NOT linearizable (${what})\n${explain(history.model, result).replaceAll(/^/gm, "  ")}\n`;
  }
}

async function draw({ path, history, result }: Checked, htmlPath: string): Promise<void> {
  const html = renderHistoryHtml(history.model, history.operations, result, { title: path });
  try {
    await writeFile(htmlPath, html, "utf8");
  } catch (cause) {
    throw fileError("--html", "write", htmlPath, cause);
  }
}
