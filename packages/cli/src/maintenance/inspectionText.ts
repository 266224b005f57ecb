import type { Entry, Persist } from "@balsa/core";
import type { GroupBehind, InspectedRecord, InspectedSegment, RecoveredGroup } from "@balsa/replica";
import { renderTable, type Column } from "../render/table.js";
import { formatCount, plural, printable } from "../render/text.js";
import { describeEntry, describeMembers } from "./describeEntry.js";
import type { InspectedDirectory } from "./logInspect.js";
import { configurationOf } from "./logSurroundings.js";

const COLUMNS: readonly Column[] = [
  { title: "offset", align: "right" },
  { title: "bytes", align: "right" },
  { title: "group", align: "right" },
  { title: "term", align: "right" },
  { title: "vote", align: "left" },
  { title: "entries", align: "right" },
  { title: "what", align: "left" },
];

/** A segment as a table: a row for each record, and with `withEntries` one for each entry. */
export function renderSegment(segment: InspectedSegment, withEntries: boolean): string[] {
  const { name, capacity, endOffset, before, records } = segment;
  const head = `${name}: ${plural(records.length, "record")} up to byte ${formatCount(endOffset)} of ${formatCount(capacity)}`;
  const follows = before.map(
    ({ group, lastIndex, lastTerm }) =>
      `  group ${String(group)} goes on behind entry ${String(lastIndex)} of term ${String(lastTerm)}`,
  );
  const rows = records.flatMap((record) => [
    rowOf(record),
    ...(withEntries ? (record.batch?.entries ?? []).map(entryRow) : []),
  ]);
  return ["", head, ...follows, ...(rows.length === 0 ? [] : renderTable(COLUMNS, rows))];
}

function rowOf({ offset, sizeBytes, group, batch }: InspectedRecord): string[] {
  const place = [String(offset), String(sizeBytes)];
  if (batch === null) return [...place, "", "", "", "", "seal: all before is durable"];
  const { term, vote } = batch.hardState;
  return [...place, String(group), String(term), printable(vote ?? "-"), rangeOf(batch.entries), describeBatch(batch)];
}

function rangeOf(entries: readonly Entry[]): string {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return "";
  return first === last ? String(first.index) : `${String(first.index)}-${String(last.index)}`;
}

function describeBatch({ snapshot, keepLogAfterSnapshot, truncateFrom, entries }: Persist): string {
  const parts: string[] = [];
  if (snapshot !== null) {
    parts.push(`snapshot at ${String(snapshot.index)}${keepLogAfterSnapshot ? "" : " in place of the log"}`);
  }
  if (truncateFrom > 0) parts.push(`cut from ${String(truncateFrom)} on`);
  const count = (kind: Entry["kind"]): number => entries.filter((entry) => entry.kind === kind).length;
  if (count("noop") > 0) parts.push(plural(count("noop"), "leader's first", "leaders' firsts"));
  if (count("command") > 0) parts.push(plural(count("command"), "command"));
  for (const { configuration } of entries) {
    if (configuration !== null) parts.push(`members ${describeMembers(configuration)}`);
  }
  return parts.length === 0 ? "term and vote" : parts.join(", ");
}

function entryRow(entry: Entry): string[] {
  const { index, term, data } = entry;
  return ["", String(data.length), "", String(term), "", String(index), describeEntry(entry)];
}

/** What comes behind the segments: the end, damage, and what the log has come to. */
export function renderEnd({ inspection, snapshots, gaps }: InspectedDirectory): string[] {
  const { groups, segments, tornBytes, damage } = inspection;
  const lines = [""];
  if (segments === 0 && damage === null) lines.push("There is no log.");
  if (tornBytes > 0) {
    lines.push(
      `torn: ${plural(tornBytes, "byte")} at the end, as a crash leaves them; nothing durable is lost by that`,
    );
  }
  for (const [group, recovered] of groups) lines.push(...renderGroup(group, recovered));
  for (const name of snapshots) lines.push(`snapshot ${name}`);
  for (const { group, fromIndex, toIndex } of gaps) {
    const range = `${String(fromIndex)} to ${String(toIndex)}`;
    lines.push(
      `MISSING: group ${String(group)} lacks the entries ${range}: the log begins behind them, and no snapshot holds them`,
    );
  }
  if (damage === null) return [...lines, ...(gaps.length === 0 ? ["The log is whole."] : [])];
  const { file, offset, what } = damage.error;
  lines.push(`DAMAGED: ${file} at byte ${String(offset)}: ${what}`);
  lines.push(...damage.behind.map(renderBehind));
  return lines;
}

function renderGroup(group: number, recovered: RecoveredGroup): string[] {
  const { hardState, snapshot, baseIndex, baseTerm, entries } = recovered;
  const configuration = configurationOf(recovered);
  const last = entries.at(-1);
  const range = `entries ${String(baseIndex + 1)} to ${String(baseIndex + entries.length)}`;
  const held = entries.length === 0 ? `no entries behind ${String(baseIndex)}` : range;
  return [
    `group ${String(group)}: term ${String(hardState.term)}, vote ${printable(hardState.vote ?? "-")}, ${held}, the last of term ` +
      String(last?.term ?? baseTerm),
    ...(snapshot === null ? [] : [`  behind a leader's snapshot at ${String(snapshot.index)}`]),
    ...(configuration === null ? [] : [`  members ${describeMembers(configuration)}`]),
  ];
}

export function renderBehind({ group, records, firstIndex, lastIndex, term }: GroupBehind): string {
  const reach = lastIndex === 0 ? "no entries" : `the log went on to entry ${String(lastIndex)} at least`;
  const read = firstIndex === 0 ? "" : `, with entries from ${String(firstIndex)} on`;
  return (
    `  behind it, group ${String(group)}: ${reach}, and to term ${String(term)}; ${plural(records, "record")} can be read` +
    `${read}, and none counts, for what stood before is gone`
  );
}
