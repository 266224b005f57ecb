import { formatDuration, type RecordedViolation, type Replay } from "@balsa/sim";
import { formatCount, plural, printable } from "../render/text.js";

/** What came of one member's recording. */
export interface ReplayedDirectory extends Replay {
  readonly directory: string;
  readonly tornBytes: number;
}

export function renderReplay(found: ReplayedDirectory, violations: readonly RecordedViolation[]): string {
  const { member, directory, parts, inputs, spanMs, lastTerm, lastCommitIndex, beginnings, tornBytes } = found;
  const span = `${plural(inputs, "input")} in ${plural(parts, "part")}, over ${formatDuration(spanMs)}`;
  const place = `to term ${formatCount(lastTerm)} and entry ${formatCount(lastCommitIndex)}`;
  const lines = [`${printable(member.id)}, group ${String(member.group)} (${directory}): ${span}, ${place}`];
  if (beginnings > 1) {
    lines.push(`  begins anew ${plural(beginnings - 1, "time")}: its process was started again, or a part is gone`);
  }
  if (tornBytes > 0)
    lines.push(`  ${plural(tornBytes, "byte")} at the end of a part are not whole, as a crash leaves them`);
  lines.push(...endOf(found).map((line) => `  ${line}`));
  for (const { check, message } of violations) lines.push(`  VIOLATED ${check}: it ${printable(message)}`);
  return `${lines.join("\n")}\n`;
}

function endOf({ difference, stopped, thrown }: Replay): string[] {
  const lines: string[] = [];
  if (stopped !== null) lines.push(`it stopped by itself: ${printable(stopped)}`);
  if (thrown !== null) lines.push(`the replay stops: ${printable(thrown)}`);
  if (difference === null) return [...lines, "replays exactly"];
  const { part, input, inputType, what, recorded, replayed } = difference;
  const place =
    inputType === null
      ? `at the beginning of part ${String(part)}`
      : `part ${String(part)}, input ${formatCount(input)} (${inputType})`;
  return [...lines, `DIFFERS ${place}: ${what} was ${printable(recorded)}, and is ${printable(replayed)}`];
}
