import { describeAction, type Trace } from "@balsa/explore";
import { printable, wrapText } from "../render/text.js";
import type { ReportStyle } from "./renderExploration.js";

/** A trace in words: each step with its number, and below it what came of it. */
export function renderTrace({ steps, startSteps, violation }: Trace, { paint, width }: ReportStyle): string[] {
  const lines: string[] = [];
  if (startSteps > 0) lines.push(`The first ${String(startSteps)} steps elect n1 without any trouble.`);
  steps.forEach(({ action, outcome }, place) => {
    const number = `${String(place + 1).padStart(3)}  `;
    const [first = "", ...rest] = wrapText(printable(describeAction(action)), width, number, "     ");
    lines.push(paint(first, "bold"), ...rest);
    for (const text of outcome) lines.push(...wrapText(printable(text), width, "       ", "         "));
  });
  if (violation !== null) {
    const text = `${violation.node} ${printable(violation.message)}`;
    lines.push(...wrapText(text, width, "       ", "         ").map((line) => paint(line, "red")));
  }
  return lines;
}
