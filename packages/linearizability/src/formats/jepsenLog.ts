import type { Datum } from "./datum.js";
import { EdnReader } from "./ednReader.js";
import { EVENT_TYPES, type HistoryEvent } from "./historyEvent.js";
import { HistoryFormatError } from "./historyFormatError.js";

const SHAPE = "INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :F VALUE";
const FROM_JEPSEN_UTIL = /^(?:\S+ \S+ )?INFO\s+(?:\[[^\]]*\]\s+)?jepsen\.util\s*[-:]\s+(.*)$/;
const FROM_ELSEWHERE = /^(?:\S+ \S+ )?(?:TRACE|DEBUG|INFO|WARN|ERROR)\s+(?:\[[^\]]*\]\s+)?(?!jepsen\.util\b)\S+\s*[-:]/;
const OPERATION = /^(\S+)\s+:(\w+)\s+:([\w-]+)(?:\s+(.*))?$/;

/** An event of a line of Jepsen's log; null for lines of other loggers and for the nemesis. */
export function readJepsenLogLine(text: string, line: number): HistoryEvent | null {
  if (FROM_ELSEWHERE.test(text)) return null;
  const [, process = "", word = "", f = "", rest = "nil"] =
    OPERATION.exec(FROM_JEPSEN_UTIL.exec(text)?.[1] ?? "") ?? [];
  if (process === "") throw new HistoryFormatError(line, "it is not a line of Jepsen's log", SHAPE);
  if (!/^\d+$/.test(process)) return null;
  const type = EVENT_TYPES.find((known) => known === word);
  if (type === undefined) throw new HistoryFormatError(line, `:${word} is unknown`, ":invoke, :ok, :fail or :info");
  const reader = new EdnReader(rest, line);
  const value: Datum = reader.isAtEnd() ? null : reader.read();
  return { line, process: Number(process), type, f, key: undefined, value };
}
