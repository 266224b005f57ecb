import { keyed } from "../models/keyed.js";
import type { Datum } from "./datum.js";
import { DIALECTS, MODEL_NAMES, type AnyModel, type ModelName } from "./dialects.js";
import { keyText, readEdnHistory } from "./ednHistory.js";
import { guessModel } from "./guessModel.js";
import type { HistoryEvent } from "./historyEvent.js";
import { HistoryFormatError } from "./historyFormatError.js";
import { readJepsenLogLine } from "./jepsenLog.js";
import { readJsonLine, type WrittenOperation } from "./jsonLines.js";
import { pairEvents } from "./pairEvents.js";
import { fromEvents, fromWritten, type AnyOperation } from "./readOperations.js";

export const HISTORY_FORMATS = ["jepsen-log", "edn", "jsonl"] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

export interface ParseOptions {
  /** Default: what the first line looks like. */
  readonly format?: HistoryFormat;
  /** Default: what the first line of a `jsonl` history says, or what the operations look like. */
  readonly model?: ModelName;
}

export interface ParsedHistory {
  readonly format: HistoryFormat;
  readonly modelName: ModelName;
  /** To check `operations` with: the model of that name, or many under keys. */
  readonly model: AnyModel;
  readonly operations: readonly AnyOperation[];
  /** How many operations clients began: those above, and those that failed. */
  readonly invoked: number;
}

/** A history has at most so many operations. */
export const MAX_HISTORY_OPERATIONS = 2_000_000;
/** A line of a log or of JSON has at most so many characters. */
export const MAX_LINE_CHARACTERS = 1_048_576;

interface Written {
  readonly events: HistoryEvent[];
  readonly operations: WrittenOperation[];
  model: string | null;
  modelLine: number;
}

/**
 * Reads the history that a text holds: a log of Jepsen, EDN, or JSON lines.
 * @throws HistoryFormatError with the line where it is something else, or contradicts itself.
 */
export function parseHistory(text: string, options: ParseOptions = {}): ParsedHistory {
  const format = options.format ?? guessFormat(text);
  const written = readAll(text, format);
  const { events, operations } = written;
  const modelName = options.model ?? modelNamed(written) ?? guessed(written);
  const dialect = DIALECTS[modelName];
  if (operations.length > 0) {
    const read = fromWritten(operations, dialect);
    return { format, modelName, model: dialect.model, operations: read, invoked: read.length };
  }
  const pairs = pairEvents(
    modelName === "cas-register" || modelName === "register" ? withKeysOfTuples(events) : events,
  );
  const isKeyed = dialect.hasKeys !== true && pairs.some(({ invocation }) => invocation.key !== undefined);
  return {
    format,
    modelName,
    model: isKeyed ? keyed(dialect.model) : dialect.model,
    operations: fromEvents(pairs, dialect),
    invoked: events.filter(({ type }) => type === "invoke").length,
  };
}

function guessFormat(text: string): HistoryFormat {
  const first = /[^\s\uFEFF]/.exec(text);
  const begin = text.slice(first?.index ?? 0, (first?.index ?? 0) + 200);
  if (/^\{\s*["}]/.test(begin)) return "jsonl";
  return /^[[({;#]/.test(begin) ? "edn" : "jepsen-log";
}

function readAll(text: string, format: HistoryFormat): Written {
  const written: Written = { events: [], operations: [], model: null, modelLine: 0 };
  if (format === "edn") {
    for (const event of readEdnHistory(text)) keep(written, event);
    return written;
  }
  for (const [line, content] of linesOf(text)) {
    if (format === "jepsen-log") {
      const event = readJepsenLogLine(content, line);
      if (event !== null) keep(written, event);
      continue;
    }
    const read = readJsonLine(content, line);
    if (read.kind === "model") {
      if (written.events.length + written.operations.length > 0 || written.model !== null) {
        throw new HistoryFormatError(line, "a model is named in the middle", "it in the first line only");
      }
      Object.assign(written, { model: read.model, modelLine: read.line });
    } else if (read.kind === "event") {
      if (written.operations.length > 0) throw mixed(line);
      keep(written, read.event);
    } else if (read.kind === "operation") {
      if (written.events.length > 0) throw mixed(line);
      written.operations.push(read.operation);
      limit(written.operations.length, line);
    }
  }
  return written;
}

function keep({ events }: Written, event: HistoryEvent): void {
  events.push(event);
  limit(events.length / 2, event.line);
}

function limit(operations: number, line: number): void {
  if (operations <= MAX_HISTORY_OPERATIONS) return;
  throw new HistoryFormatError(line, "the history is too long", `at most ${MAX_HISTORY_OPERATIONS} operations`);
}

function mixed(line: number): HistoryFormatError {
  return new HistoryFormatError(line, "events and whole operations are mixed", "one or the other in a file");
}

/** The lines that are not blank, and their numbers. */
function* linesOf(text: string): Generator<readonly [number, string]> {
  let begin = text.startsWith("\uFEFF") ? 1 : 0;
  for (let line = 1; begin < text.length; line++) {
    const found = text.indexOf("\n", begin);
    const end = found === -1 ? text.length : found;
    if (end - begin > MAX_LINE_CHARACTERS) {
      throw new HistoryFormatError(line, "the line is too long", `at most ${MAX_LINE_CHARACTERS} characters`);
    }
    const content = text.slice(begin, end).trim();
    if (content !== "") yield [line, content];
    begin = end + 1;
  }
}

function modelNamed({ model, modelLine }: Written): ModelName | null {
  if (model === null) return null;
  const found = MODEL_NAMES.find((name) => name === model);
  if (found !== undefined) return found;
  throw new HistoryFormatError(
    modelLine,
    `the model ${JSON.stringify(model)} is unknown`,
    `one of ${MODEL_NAMES.join(", ")}`,
  );
}

function guessed({ events, operations }: Written): ModelName {
  const names = new Set<string>();
  let readsMany = false;
  let readsTuples = true;
  for (const { f, type, value } of events) {
    names.add(f);
    if (f === "read" && type === "ok" && Array.isArray(value)) readsMany = true;
    if (f === "read" && type === "invoke" && !isTuple(value)) readsTuples = false;
  }
  for (const { input, output } of operations) {
    const { type } = (input ?? {}) as { readonly type?: unknown };
    if (typeof type === "string") names.add(type);
    if (typeof output === "object" && output !== null && ("elements" in output || "changed" in output))
      readsMany = true;
  }
  const guess = guessModel(names, readsMany && !(readsTuples && names.has("write")));
  if (guess !== null) return guess;
  const [first] = events;
  const line = first?.line ?? operations[0]?.line ?? 1;
  const list = [...names].slice(0, 8).join(", ");
  throw new HistoryFormatError(
    line,
    `no model has the operations ${list}`,
    "a model to be named, with --model or in the first line",
  );
}

/** Jepsen writes operations on independent registers with the value `[key value]`. */
function withKeysOfTuples(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const asked = events.filter(({ type, f }) => type === "invoke" && (f === "read" || f === "write"));
  const isKeyed = asked.length > 0 && asked.every(({ key, value }) => key === undefined && isTuple(value));
  if (!isKeyed) return events;
  return events.map((event) => {
    if (!isTuple(event.value)) return event;
    return { ...event, key: keyText(event.value[0]), value: event.value[1] };
  });
}

function isTuple(value: Datum): value is readonly [Datum, Datum] {
  return Array.isArray(value) && value.length === 2;
}
