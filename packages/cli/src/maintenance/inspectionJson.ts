import type { Entry } from "@balsa/core";
import type { InspectedSegment } from "@balsa/replica";
import { describeEntry } from "./describeEntry.js";
import type { InspectedDirectory } from "./logInspect.js";
import { configurationOf } from "./logSurroundings.js";

/** A segment as JSON lines: one for the file, one for each record. `withData`: with the entries' bytes, in base64. */
export function segmentJson(segment: InspectedSegment, withData: boolean): string[] {
  const { records, name: file, ...rest } = segment;
  const lines = records.map(({ offset, sizeBytes, group, batch }) => {
    if (batch === null) return { type: "seal", file, offset, sizeBytes };
    const { hardState, snapshot, keepLogAfterSnapshot, truncateFrom, entries } = batch;
    const told = entries.map((entry) => entryJson(entry, withData));
    const cut = {
      ...(truncateFrom > 0 && { truncateFrom }),
      ...(snapshot !== null && { snapshot, keepLogAfterSnapshot }),
    };
    return { type: "batch", file, offset, sizeBytes, group, ...hardState, ...cut, entries: told };
  });
  return [{ type: "segment", file, ...rest }, ...lines].map((line) => JSON.stringify(line));
}

function entryJson(entry: Entry, withData: boolean): object {
  const { index, term, kind, data, configuration } = entry;
  return {
    index,
    term,
    kind,
    sizeBytes: data.length,
    what: describeEntry(entry),
    ...(configuration !== null && { configuration }),
    ...(withData && { data: Buffer.from(data).toString("base64") }),
  };
}

/** What comes behind the segments; the last line is the verdict. */
export function inspectionJson({ inspection, snapshots, gaps }: InspectedDirectory): string[] {
  const { groups, tornBytes, damage } = inspection;
  const lines: object[] = [...groups].map(([group, recovered]) => {
    const { hardState, snapshot, baseIndex, baseTerm, entries } = recovered;
    const lastIndex = baseIndex + entries.length;
    const lastTerm = entries.at(-1)?.term ?? baseTerm;
    const configuration = configurationOf(recovered);
    return { type: "group", group, ...hardState, baseIndex, baseTerm, lastIndex, lastTerm, snapshot, configuration };
  });
  if (damage !== null) {
    const { file, offset, what } = damage.error;
    lines.push({ type: "damage", file, offset, what, behind: damage.behind });
  }
  const whole = damage === null && gaps.length === 0;
  return [...lines, { type: "log", whole, tornBytes, snapshots, missing: gaps }].map((line) => JSON.stringify(line));
}
