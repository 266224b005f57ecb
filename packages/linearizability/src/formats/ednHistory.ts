import { showDatum, type Datum } from "./datum.js";
import { EdnReader } from "./ednReader.js";
import { EVENT_TYPES, type HistoryEvent } from "./historyEvent.js";
import { HistoryFormatError } from "./historyFormatError.js";

/**
 * The events of a history in EDN: maps, one after the other or in one vector or list. Fields other than `:process`,
 * `:type`, `:f`, `:key` and `:value` are passed over, and so is the nemesis: any process that is not a number.
 */
export function* readEdnHistory(text: string): Generator<HistoryEvent> {
  const reader = new EdnReader(text);
  const closing = reader.enterSequence();
  while (!reader.isAtEnd()) {
    if (closing !== null && reader.leaveSequence(closing)) {
      if (!reader.isAtEnd()) throw new HistoryFormatError(reader.line, `there is more after the ${closing}`, "the end");
      return;
    }
    const line = reader.line;
    const event = toEvent(reader.read(), line);
    if (event !== null) yield event;
  }
  if (closing !== null) throw new HistoryFormatError(reader.line, "the text ends in the middle", `a ${closing}`);
}

function toEvent(form: Datum, line: number): HistoryEvent | null {
  if (!(form instanceof Map)) {
    throw new HistoryFormatError(
      line,
      `${showDatum(form)} is no operation`,
      "a map {:process … :type … :f … :value …}",
    );
  }
  const map: ReadonlyMap<Datum, Datum> = form;
  const process = map.get(":process");
  if (process === undefined) throw new HistoryFormatError(line, "an operation has no :process", "a number");
  if (typeof process !== "number") return null;
  const word = nameOf(map.get(":type"));
  const type = EVENT_TYPES.find((known) => known === word);
  if (type === undefined) {
    throw new HistoryFormatError(line, `:type is ${showDatum(map.get(":type"))}`, ":invoke, :ok, :fail or :info");
  }
  const f = nameOf(map.get(":f"));
  if (f === undefined)
    throw new HistoryFormatError(line, `:f is ${showDatum(map.get(":f"))}`, "a keyword such as :read");
  const key = map.get(":key");
  return {
    line,
    process,
    type,
    f,
    key: key === undefined ? undefined : keyText(key),
    value: map.get(":value") ?? null,
  };
}

function nameOf(value: Datum | undefined): string | undefined {
  return typeof value === "string" ? value.replace(/^:/, "") : undefined;
}

/** A key as text; a string stands for itself. */
export function keyText(key: Datum): string {
  return typeof key === "string" ? key : JSON.stringify(key);
}
