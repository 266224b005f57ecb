import type { CommandIo, Output } from "../io.js";

export type Colour = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";
export type Emphasis = Colour | "bold" | "dim" | "inverse";

const CODES: Readonly<Record<Emphasis, number>> = {
  bold: 1,
  dim: 2,
  inverse: 7,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
};

/** Colours neighbouring terms differently, without red and yellow, which mean trouble. */
const TERM_COLOURS: readonly Colour[] = ["cyan", "green", "magenta", "blue"];

export type Paint = (text: string, ...emphases: readonly Emphasis[]) => string;

/** Leaves text as it is. */
export const plain: Paint = (text) => text;

/** Wraps text in the escape codes of ECMA-48. */
export const coloured: Paint = (text, ...emphases) =>
  emphases.length === 0 || text === "" ? text : `\x1b[${emphases.map((name) => CODES[name]).join(";")}m${text}\x1b[0m`;

/**
 * Colours only where a terminal shows them. `NO_COLOR` turns them off (no-color.org) and has the last word;
 * `FORCE_COLOR` turns them on where there is no terminal.
 */
export function choosePaint(output: Output, environment: CommandIo["environment"]): Paint {
  if (isSet(environment["NO_COLOR"])) return plain;
  const forced = environment["FORCE_COLOR"];
  if (isSet(forced)) return forced === "0" || forced === "false" ? plain : coloured;
  return output.isTTY === true && environment["TERM"] !== "dumb" ? coloured : plain;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

export function termColour(term: number): Colour {
  return TERM_COLOURS[term % TERM_COLOURS.length] ?? "cyan";
}

const STANDARD_WIDTH = 80;
const GREATEST_WIDTH = 120;
const LEAST_WIDTH = 40;

/** How wide to draw; 80 columns where nothing is known. */
export function chooseWidth(output: Output): number {
  const columns = output.isTTY === true ? (output.columns ?? STANDARD_WIDTH) : STANDARD_WIDTH;
  return Math.max(LEAST_WIDTH, Math.min(GREATEST_WIDTH, columns === 0 ? STANDARD_WIDTH : columns));
}
