import type { Datum } from "./datum.js";
import { showDatum } from "./datum.js";
import { keyText } from "./ednHistory.js";
import { EVENT_TYPES, type HistoryEvent } from "./historyEvent.js";
import { HistoryFormatError } from "./historyFormatError.js";

/** A whole operation in one line, as `Operation` has it; `input` and `output` are still to be read. */
export interface WrittenOperation {
  readonly line: number;
  readonly clientId: string | number;
  readonly input: unknown;
  readonly output: unknown;
  readonly invokedAt: number;
  readonly returnedAt: number | null;
}

export type JsonLine =
  | { readonly kind: "model"; readonly line: number; readonly model: string }
  | { readonly kind: "operation"; readonly operation: WrittenOperation }
  | { readonly kind: "event"; readonly event: HistoryEvent }
  /** The nemesis. */
  | { readonly kind: "nothing" };

/** @throws HistoryFormatError where the line is not JSON, or neither an operation nor an event. */
export function readJsonLine(text: string, line: number): JsonLine {
  const fields = parseObject(text, line);
  if ("invokedAt" in fields || "clientId" in fields) return { kind: "operation", operation: toOperation(fields, line) };
  if ("type" in fields || "process" in fields) {
    const event = toEvent(fields, line);
    return event === null ? { kind: "nothing" } : { kind: "event", event };
  }
  if (typeof fields["model"] === "string") return { kind: "model", line, model: fields["model"] };
  throw new HistoryFormatError(
    line,
    "it is no line of a history",
    'an event {"process", "type", "f", "value"} or an operation {"clientId", "input", "output", "invokedAt", "returnedAt"}',
  );
}

function parseObject(text: string, line: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HistoryFormatError(line, "it is not JSON", "one JSON object a line", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HistoryFormatError(line, `it is ${showDatum(value)}`, "one JSON object a line");
  }
  return value as Readonly<Record<string, unknown>>;
}

function toOperation(fields: Readonly<Record<string, unknown>>, line: number): WrittenOperation {
  const { clientId, input, output, invokedAt, returnedAt = null } = fields;
  if (!isName(clientId)) throw wrongField(line, "clientId", clientId, "a string or a number");
  if (!isTime(invokedAt)) throw wrongField(line, "invokedAt", invokedAt, "a number");
  if (returnedAt !== null && !isTime(returnedAt)) throw wrongField(line, "returnedAt", returnedAt, "a number, or null");
  if (returnedAt !== null && returnedAt < invokedAt) {
    throw wrongField(line, "returnedAt", returnedAt, `no less than invokedAt, ${invokedAt}`);
  }
  if (returnedAt === null && output !== undefined && output !== null) {
    throw wrongField(line, "output", output, "none where returnedAt is null");
  }
  return { line, clientId, input, output: output ?? undefined, invokedAt, returnedAt };
}

function toEvent(fields: Readonly<Record<string, unknown>>, line: number): HistoryEvent | null {
  const { process, type: word, f, key, value = null } = fields;
  if (!isName(process)) throw wrongField(line, "process", process, "a string or a number");
  if (process === "nemesis") return null;
  const type = EVENT_TYPES.find((known) => known === word);
  if (type === undefined) throw wrongField(line, "type", word, '"invoke", "ok", "fail" or "info"');
  if (typeof f !== "string") throw wrongField(line, "f", f, 'a name such as "read"');
  // What JSON.parse gives has no maps but objects, which no operation takes.
  return { line, process, type, f, key: key === undefined ? undefined : keyText(key as Datum), value: value as Datum };
}

function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function wrongField(line: number, field: string, value: unknown, expected: string): HistoryFormatError {
  return new HistoryFormatError(line, `${field} is ${showDatum(value)}`, expected);
}
