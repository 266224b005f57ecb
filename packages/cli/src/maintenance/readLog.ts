import { inspectLog, type Disk, type InspectedSegment, type LogInspection } from "@balsa/replica";

/** Reads a log through; each segment is waited for. @throws UnknownFormatError, StorageFailedError, or what `visit` throws */
export function readLog(disk: Disk, visit: (segment: InspectedSegment) => Promise<void>): Promise<LogInspection> {
  return new Promise((resolve, reject) => {
    inspectLog(
      disk,
      (segment, next) => {
        visit(segment).then(next, reject);
      },
      (error, inspection) => {
        if (inspection === null) reject(error ?? new Error("The log was not read, and nothing says why."));
        else resolve(inspection);
      },
    );
  });
}
