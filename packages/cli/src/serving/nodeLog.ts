import { pino, type Logger } from "pino";
import { badArgument } from "../usageError.js";
import { write, type CommandIo } from "../io.js";

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const LEVEL_NAMES: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

/**
 * The log of a node, on standard error. Level by `BALSA_LOG` (default info), form by `BALSA_LOG_FORMAT`: `json`, which is
 * the default where no terminal is, or `human`.
 * @throws UsageError
 */
export function nodeLog(id: string, io: CommandIo): Logger {
  const { BALSA_LOG: level = "info", BALSA_LOG_FORMAT: format } = io.environment;
  if (!LEVELS.includes(level)) throw badArgument("BALSA_LOG", level, `one of ${LEVELS.join(", ")}`);
  if (format !== undefined && format !== "json" && format !== "human") {
    throw badArgument("BALSA_LOG_FORMAT", format, "json or human");
  }
  const isHuman = format === "human" || (format === undefined && io.stderr.isTTY === true);
  const destination = {
    write: (line: string) => {
      // Nobody may be there to read any more: a node goes on without a log.
      write(io.stderr, isHuman ? humanLine(line) : line).catch(() => undefined);
    },
  };
  return pino({ level, base: { node: id } }, destination);
}

/** One line for a person, of one of pino's. */
export function humanLine(json: string): string {
  const { time, level, node, msg, err } = JSON.parse(json) as {
    time: number;
    level: number;
    node: string;
    msg: string;
    err?: { stack?: string };
  };
  const clock = new Date(time).toISOString().slice(11, 23);
  const name = LEVEL_NAMES[level] ?? String(level);
  const cause = err?.stack === undefined ? "" : `\n${err.stack}`;
  return `${clock} ${name.padEnd(5)} ${node}: ${msg}${cause}\n`;
}
