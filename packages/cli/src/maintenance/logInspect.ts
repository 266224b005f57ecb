import { readIdentity } from "@balsa/node";
import { parseSnapshotName, type Disk, type InspectedSegment, type LogInspection } from "@balsa/replica";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { describeGap, listFiles, type GapOfEntries } from "./logSurroundings.js";
import { inspectionJson, segmentJson } from "./inspectionJson.js";
import { renderEnd, renderSegment } from "./inspectionText.js";
import { readLog } from "./readLog.js";
import { openForReading } from "./readingDisk.js";
import { orTellFailure } from "./orTellFailure.js";

export interface InspectFlags {
  readonly entries?: true;
  readonly json?: true;
}

/** What stands in a log beside its records. */
export interface InspectedDirectory {
  readonly directory: string;
  readonly identity: { readonly clusterId: string; readonly id: string } | null;
  readonly inspection: LogInspection;
  readonly snapshots: readonly string[];
  /** Entries that neither log nor snapshot has. */
  readonly gaps: readonly GapOfEntries[];
}

/** `balsa log inspect`: shows what is in a log on disk. Gives status 1 where what was durable is damaged or gone. */
export function logInspect(directory: string, flags: InspectFlags, io: CommandIo): Promise<number> {
  io.endOnInterrupt();
  const asJson = flags.json === true;
  return orTellFailure(asJson, io, async () => {
    const disk = openForReading(directory);
    const identity = readIdentity(directory);
    if (identity !== null) {
      const { id, clusterId } = identity;
      const line = asJson
        ? JSON.stringify({ type: "directory", directory, clusterId, id })
        : `member ${id} of the cluster ${clusterId}`;
      await write(io.stdout, `${line}\n`);
    }
    const show = async (segment: InspectedSegment): Promise<void> => {
      const withEntries = flags.entries === true;
      const lines = asJson ? segmentJson(segment, withEntries) : renderSegment(segment, withEntries);
      await write(io.stdout, `${lines.join("\n")}\n`);
    };
    const inspection = await readLog(disk, show);
    const told = await surroundings(directory, disk, identity, inspection);
    await write(io.stdout, `${(asJson ? inspectionJson(told) : renderEnd(told)).join("\n")}\n`);
    return inspection.damage === null && told.gaps.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

async function surroundings(
  directory: string,
  disk: Disk,
  identity: InspectedDirectory["identity"],
  inspection: LogInspection,
): Promise<InspectedDirectory> {
  const snapshots = (await listFiles(disk)).filter((name) => parseSnapshotName(name) !== null);
  return { directory, identity, inspection, snapshots, gaps: describeGap(inspection, snapshots) };
}
